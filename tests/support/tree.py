"""What the tests of the tree read: the repository's own files, its Python as syntax trees, its pages.

Knows nothing of what the files must say.
"""

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

_SKIPPED = {".git", "__pycache__"}
_FENCE = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method and where it stands."""

    file: Path
    node: ast.FunctionDef | ast.AsyncFunctionDef

    @property
    def place(self) -> str:
        """``broker/x.py:12 name``."""
        return f"{relative(self.file)}:{self.node.lineno} {self.node.name}"

    @property
    def lines(self) -> int:
        """From ``def`` to the last line of the body."""
        return (self.node.end_lineno or self.node.lineno) - self.node.lineno + 1


def relative(file: Path) -> str:
    """The path as a reader of the repository writes it."""
    return file.relative_to(ROOT).as_posix()


@cache
def entries() -> tuple[Path, ...]:
    """What lies at the root and is not ignored by git, sorted."""
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines() if line]
    names = (path for path in ROOT.iterdir() if path.name not in _SKIPPED)
    return tuple(sorted(path for path in names if not any(fnmatch(path.name, pattern) for pattern in ignored)))


@cache
def files(*tops: str) -> tuple[Path, ...]:
    """Every file beneath these entries of the root, or beneath all of them, sorted."""
    chosen = [ROOT / top for top in tops] if tops else list(entries())
    return tuple(sorted(file for top in chosen for file in _walk(top)))


def python(*tops: str) -> tuple[Path, ...]:
    """Every Python file beneath these entries of the root."""
    return tuple(file for file in files(*tops) if file.suffix == ".py")


@cache
def syntax(file: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def functions(*tops: str) -> Iterator[Function]:
    """Every function and method beneath these entries of the root."""
    for file in python(*tops):
        for node in ast.walk(syntax(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield Function(file, node)


def every_test() -> Iterator[Function]:
    """Every test function."""
    return (each for each in functions("tests") if each.node.name.startswith("test_"))


def shell_lines(page: Path) -> Iterator[str]:
    """Every command of the ``sh`` blocks of a page, one a line; a backslash at the end of a line joins the next."""
    for block in _FENCE.findall(page.read_text(encoding="utf-8")):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words:
                yield line.split(" #", 1)[0].strip()


def _walk(top: Path) -> Iterator[Path]:
    if top.is_file():
        yield top
    elif top.is_dir() and top.name not in _SKIPPED:
        for below in top.iterdir():
            yield from _walk(below)
