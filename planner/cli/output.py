"""Printing: JSON lines for programs, tables for people, progress on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress


CONTROLS = dict.fromkeys({*range(32), *range(127, 160)} - {ord("\n")}, "\ufffd")
"""Characters that could move the cursor or change colours where text from outside is shown."""


def prepare() -> None:
    """Make the two outputs take any text: one that is closed swallows it, one in a small alphabet escapes."""
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open to the end
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as above
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def discard() -> None:
    """Let what was printed and not yet written go nowhere, since it cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def emit(document: object, *, flush: bool = False) -> None:
    """Print one JSON document on one line, in ASCII, so that any terminal and any parser takes it."""
    print(json.dumps(document, ensure_ascii=True, separators=(", ", ": ")), flush=flush)


def line(text: str) -> None:
    """Print a line that holds text from outside."""
    print(text.translate(CONTROLS))


def note(text: str) -> None:
    """Say something to the person at the terminal, not to the program behind the pipe."""
    print(text.translate(CONTROLS), file=sys.stderr)


def shortened(text: str, length: int) -> str:
    """Cut a long text for a table."""
    return text if len(text) <= length else text[: length - 1] + "…"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """Print a table for people; it fits the terminal, and a pipe gets 120 columns."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Column, Table

    drawn = Table(
        *(Column(name, overflow="fold") for name in columns),
        title=title or None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for row in rows:
        drawn.add_row(*(escape("" if cell is None else str(cell).translate(CONTROLS)) for cell in row))
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    console.print(drawn)


def fields(pairs: Mapping[str, object]) -> None:
    """Print names and values under each other."""
    width = max(map(len, pairs), default=0)
    for name, value in pairs.items():
        print(f"{name.ljust(width)}  {'-' if value in {None, ''} else value}")


@contextmanager
def progress(what: str, total: int | None) -> Iterator[_Bar]:
    """Show a bar on a terminal while something long goes on; elsewhere stay silent."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal) as drawn:
        yield _Bar(drawn, what, total)


class _Bar:
    """One bar; `advance` takes steps in the unit of its total."""

    def __init__(self, drawn: Progress, what: str, total: int | None) -> None:
        self._drawn = drawn
        self._task = drawn.add_task(what, total=total)

    def advance(self, steps: int) -> None:
        """Go on."""
        self._drawn.advance(self._task, steps)
