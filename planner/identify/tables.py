"""How every table in `data/` is read: CSV that people edit, with each fault reported by file and line.

Lines that start with `#` are comments (source, date and licence stand there). A table has exactly the
columns its reader names, so a misspelt column cannot silently lose facts. What the cells mean is left to
the modules that read them.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from planner import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FLAGS = {"yes": True, "no": False, "": None}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: its cells, stripped, and where it stands as `file:line`."""

    where: str
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """The cell as text; empty when nothing is stated."""
        return self.cells[column]

    def text(self, column: str) -> str | None:
        """The cell, or None when nothing is stated."""
        return self.cells[column] or None

    def number(self, column: str) -> int | None:
        """The cell as a whole number that is not negative, or None when nothing is stated."""
        value = self.cells[column]
        if not value:
            return None
        if not (value.isascii() and value.isdigit()):
            self.refuse(f"{column} must be a whole number, got {value!r}", "digits only, no unit, no commas")
        return int(value)

    def flag(self, column: str) -> bool | None:
        """The cell as yes, no or not stated."""
        value = self.cells[column]
        if value not in _FLAGS:
            self.refuse(f"{column} must be yes, no or empty, got {value!r}")
        return _FLAGS[value]

    def items(self, column: str) -> tuple[str, ...]:
        """The cell as a list, written with semicolons between."""
        return tuple(part for part in map(str.strip, self.cells[column].split(";")) if part)

    def choice(self, column: str, allowed: Iterable[str]) -> str:
        """The cell, which must be one of the allowed words."""
        value = self.cells[column]
        if value not in allowed:
            self.refuse(f"{column} must be one of {', '.join(sorted(allowed))}; got {value!r}")
        return value

    def need_source(self) -> None:
        """Refuse the row when it does not say where its facts come from, and when they were read there."""
        if not self.cells["source"]:
            self.refuse("a fact without a source", "fill in the column `source`")
        try:
            dt.date.fromisoformat(self.cells["source_date"])
        except ValueError:
            self.refuse(f"source_date must be a date like 2026-11-22, got {self.cells['source_date']!r}")

    def refuse(self, problem: str, hint: str = "") -> NoReturn:
        """Raise the error that names this line."""
        raise errors.ConfigurationError(problem, hint=hint, where=self.where)


def read(path: Path, columns: tuple[str, ...]) -> list[Row]:
    """All rows of one table; raises `ConfigurationError` for a missing file or a wrong shape."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        problem = f"cannot read the table: {error}"
        raise errors.ConfigurationError(
            problem, where=str(path), hint="the tables belong in `data/`"
        ) from error
    numbered = [(at, line) for at, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if not numbered:
        raise errors.ConfigurationError("the table has no header", where=str(path))
    header = next(csv.reader([numbered[0][1]]))
    _check_header(f"{path}:{numbered[0][0]}", header, columns)
    return [_row(f"{path}:{at}", header, line) for at, line in numbered[1:]]


def _check_header(where: str, header: list[str], columns: tuple[str, ...]) -> None:
    problems = [f"unknown column {name!r}" for name in header if name not in columns]
    problems += [f"missing column {name!r}" for name in columns if name not in header]
    if len(set(header)) != len(header):
        problems.append("a column stands twice")
    if problems:
        hint = f"expected {','.join(columns)}"
        raise errors.ConfigurationError("; ".join(problems), where=where, hint=hint)


def _row(where: str, header: list[str], line: str) -> Row:
    # One line, one row: no cell holds a line break, so the file's line number is the row's.
    cells = next(csv.reader([line]))
    if len(cells) != len(header):
        problem = f"{len(cells)} cells under {len(header)} columns"
        raise errors.ConfigurationError(problem, where=where, hint="a comma inside a cell needs quotes")
    return Row(where, dict(zip(header, map(str.strip, cells), strict=True)))


def fingerprint(rows: Iterable[Row]) -> str:
    """A short hash of what the rows say, indifferent to comments, order and file names."""
    lines = sorted("\x1f".join(f"{name}={row.cells[name]}" for name in sorted(row.cells)) for row in rows)
    return hashlib.sha256("\x1e".join(lines).encode()).hexdigest()[:12]
