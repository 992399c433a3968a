"""Whether a source suits its field: how often it occurs, which way it can go, what it holds, which codes may come."""

from collections.abc import Sequence

from broker.transform.canonical.form import Kind
from broker.transform.mapping.bound import BoundPath, BoundSource
from broker.transform.mapping.library import Library
from broker.transform.mapping.problems import nearest
from broker.transform.mapping.schema_view import SchemaView
from broker.transform.mapping.shape import Shape
from broker.transform.mapping.syntax import Field, Source, Table, Take
from broker.transform.mapping.values import BASES


def check_occurrence(item: Field, source: Source, path: BoundPath, shape: Shape, library: Library) -> None:
    """Note a repeating source of which the field does not say what it means."""
    if shape.many and source.take is not Take.EACH:
        library.problems.add(item.place, f"{item.name} is a list: say `each {source.path}`")
    elif not shape.many and source.take is Take.EACH:
        library.problems.add(item.place, f"{item.name} is one value: say first, last or only, not each")
    elif path.many and source.take is None:
        text = f"{source.path} repeats, but {item.name} is one value: say first, last or only"
        library.problems.add(item.place, text)


def writable(source: BoundSource, here: int) -> bool:
    """Whether a value can be written to a source and is read from there again. ``here`` is the innermost scope.

    What is read under a condition or says only that something is there is written elsewhere. ``only`` says that there
    may be several, which is no place of one's own; further out it names the one that all share.
    """
    if source.text is not None or (source.when is not None and not source.when.negated):
        return False
    return not (source.take is Take.ONLY and source.path.many and source.path.scope == here)


def check_reversible(item: Field, sources: Sequence[BoundSource], here: int, library: Library) -> None:
    """Note a field of which no source can be written back."""
    if not any(writable(source, here) for source in sources):
        text = f"`only`, `when … is` and a text cannot be written back: read {item.name} with `<-`"
        library.problems.add(item.place, text)


def check_text(item: Field, shape: Shape, converter: object, library: Library) -> None:
    """Note a text given as the value of a field that holds none, or to be made into something else."""
    if shape.kind is not Kind.TEXT or shape.many or converter is not None:
        library.problems.add(item.place, f'`"…" when PATH` is for one text; {item.name} is not that')


def check_words(item: Field, shape: Shape, table: Table, library: Library) -> None:
    """Note words of a table that the field does not know."""
    if not shape.words and shape.kind is not Kind.TEXT:
        library.problems.add(item.place, f"{item.name} holds {shape.kind}, which no table gives")
    words = set(table.rows.values())
    if table.otherwise is not None:
        words |= {table.otherwise} - {"absent"}
    for word in sorted(words - set(shape.words)) if shape.words else ():
        library.problems.add(table.place, f"{item.name} does not know the word {word}{nearest(word, shape.words)}")


def check_reversible_table(item: Field, table: Table, library: Library) -> None:
    """Note a table that cannot be read backwards."""
    if len(set(table.rows.values())) != len(table.rows):
        text = f"table {table.name} gives one word to several codes: read {item.name} with `<-`"
        library.problems.add(item.place, text)


def check_codes(table: Table, type_name: str, view: SchemaView, library: Library) -> None:
    """Note codes that may come and that the table neither lists nor has a stated default for."""
    codes = view.enumeration(type_name)
    library.codes.setdefault(table.name, set()).update(codes)
    if not codes:
        library.open_tables.add(table.name)
    if table.otherwise is None and not codes:
        text = f"table {table.name} must say `otherwise`: {type_name} lets any code come"
        library.problems.add(table.place, text)
    elif table.otherwise is None and (lacking := [code for code in codes if code not in table.rows]):
        library.problems.add(table.place, f"table {table.name} lacks {', '.join(lacking)} of {type_name}")


def unsuitable(item: Field, type_name: str, shape: Shape, view: SchemaView, *, coded: bool) -> str | None:
    """Say why a scalar field cannot hold what the type holds; None where it can."""
    base = view.base(type_name)
    holds = base or ("an amount" if view.is_amount(type_name) else "made of elements")
    if coded:
        return None if base == "string" else f"{item.name} is read by a table, but {type_name} is {holds}"
    if shape.kind is Kind.MONEY:
        return None if view.is_amount(type_name) else f"{item.name} holds money, but {type_name} is {holds}"
    if shape.kind is None or base not in BASES[shape.kind]:
        return f"{item.name} holds {shape.kind or 'words'}, but {type_name} is {holds}"
    return None
