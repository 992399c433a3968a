"""A mapping file as a tree of lines: indentation says what belongs to what; ``#`` begins a comment."""

from dataclasses import dataclass, field

from broker.transform.mapping.problems import Place, Problems


@dataclass(slots=True)
class Line:
    """One line without its comment and indentation, and the lines indented under it."""

    text: str
    indent: int
    place: Place
    children: list["Line"] = field(default_factory=list)


def read_lines(name: str, text: str, problems: Problems) -> list[Line]:
    """Give the lines at the margin, each with its children. Tabs and ragged indentation are problems."""
    top: list[Line] = []
    stack: list[Line] = []
    for number, raw in enumerate(text.splitlines(), 1):
        content = _without_comment(raw).rstrip()
        if not content.strip():
            continue
        place = Place(name, number)
        if "\t" in content:
            problems.add(place, "a tab; indent with spaces")
            continue
        line = Line(content.strip(), len(content) - len(content.lstrip()), place)
        while stack and stack[-1].indent >= line.indent:
            stack.pop()
        siblings = stack[-1].children if stack else top
        if siblings and siblings[0].indent != line.indent:
            problems.add(place, "indented unlike the lines it belongs with")
        if not stack and line.indent:
            problems.add(place, "indented under nothing")
        siblings.append(line)
        stack.append(line)
    return top


def _without_comment(raw: str) -> str:
    head, mark, _ = raw.partition("#")
    return head if mark else raw
