"""Options that many commands share, each defined once, and what they stand for."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from planner import errors, policies
from planner.settings import Settings

if TYPE_CHECKING:
    from planner.library import Planner
    from planner.store import Store

Database = Annotated[
    str | None,
    typer.Option(
        "--db", metavar="URL", help="Database, for example sqlite:///planner.db [PLANNER_DATABASE_URL]."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document per line, for programs.")]
PolicyFile = Annotated[
    Path | None, typer.Option("--policy", metavar="FILE", help="Policy in TOML [PLANNER_POLICY_FILE].")
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="TIME", help="Judge the age of evidence at this time, not now."),
]
Account = Annotated[
    str | None,
    typer.Option("--account", metavar="NAME", help="The API account it belongs to [PLANNER_ACCOUNT]."),
]


YEARS = range(1970, 9000)
"""Times that can be reckoned with; a year is added and taken away without leaving the calendar."""


def settings() -> Settings:
    """Read the environment; every command does, so that no misspelt setting passes unseen."""
    return Settings.from_mapping(os.environ)


def policy_of(path: Path | None) -> policies.Policy:
    """Give the policy of the option, else of the environment, else the default."""
    found = settings()
    chosen = str(path) if path else found.policy_file
    return policies.Policy.from_file(chosen) if chosen else policies.Policy()


def open_planner(
    database: str | None, policy: Path | None = None, account: str | None = None, *, readonly: bool = False
) -> Planner:
    """Open the planner that the options and the environment name."""
    from planner.library import open_planner as open_

    found = settings()
    return open_(
        database or found.database_url,
        policy=policy_of(policy),
        account=account or found.account,
        readonly=readonly,
    )


def open_store(database: str | None, *, readonly: bool = False) -> Store:
    """Open the store that the option or the environment names."""
    from planner.store import Store

    found = settings()
    return Store(database or found.database_url, readonly=readonly)


def stdin() -> BinaryIO:
    """Give the bytes that are piped in."""
    if sys.stdin is None:
        raise errors.InputError("expected input, but stdin is closed", where="stdin")
    return sys.stdin.buffer


def stdin_lines() -> Iterator[str]:
    """Give the lines that are piped in, without their ends; bytes that are not UTF-8 are replaced."""
    for number, line in enumerate(stdin()):
        yield line.decode("utf-8" if number else "utf-8-sig", errors="replace").rstrip("\r\n")


def time_of(text: str | None) -> datetime:
    """Read a time of the command line; without one it is now. A time without a zone is in UTC."""
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.year not in YEARS:
        hint = "write it like 2026-11-22 or 2026-11-22T12:00:00Z"
        raise errors.InputError(f"expected a time, got {text!r}", hint=hint, where="--as-of")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def pairs_of(texts: list[str], where: str) -> dict[str, str]:
    """Read `name=value` options."""
    split = [text.partition("=") for text in texts]
    for text, (name, equals, _) in zip(texts, split, strict=True):
        if not equals or not name:
            raise errors.InputError(f"expected name=value, got {text!r}", where=where)
    return {name.strip(): value for name, _, value in split}
