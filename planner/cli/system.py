"""`config show` and `doctor`: what is in force, and whether it works."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import typer

from planner import errors
from planner.cli import options, output
from planner.settings import SETTINGS

app = typer.Typer(help="Settings in force.", no_args_is_help=True, rich_markup_mode=None)

SAFE_SQLITE = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
"""Versions from which the WAL-reset corruption race is mended, newest line first (sqlite.org/wal.html)."""

FREE_BYTES_MIN = 200_000_000


@app.command()
def show(policy: options.PolicyFile = None, as_json: options.Json = False) -> None:
    """Show each setting with its value and origin, and the policy in force."""
    found = options.settings()
    origins = dict(found.origins)
    rows = [(s.variable, getattr(found, name), origins[name], s.meaning) for name, s in SETTINGS.items()]
    chosen = options.policy_of(policy)
    if as_json:
        listed = [dict(zip(("setting", "value", "origin", "meaning"), row, strict=True)) for row in rows]
        output.emit({"settings": listed, "policy": asdict(chosen)})
        return
    output.table(("setting", "value", "from", "meaning"), rows)
    output.table(("policy", "value"), ((k, _short(v)) for k, v in asdict(chosen).items()))


def _short(value: object) -> object:
    if isinstance(value, tuple):
        return "; ".join(" ".join(map(str, part)) for part in value)
    return value


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `doctor`: ok, warn or fail, with what was found and what to do."""

    name: str
    verdict: str
    found: str
    advice: str = ""


def doctor(db: options.Database = None, as_json: options.Json = False) -> None:
    """Check this installation and its database; exits 3 when something does not work."""
    checks = [*_checks(db)]
    if as_json:
        for check in checks:
            output.emit(asdict(check))
    else:
        output.table(
            ("", "check", "found", "what to do"), ((c.verdict, c.name, c.found, c.advice) for c in checks)
        )
    if any(check.verdict == "fail" for check in checks):
        raise typer.Exit(errors.ConfigurationError.exit_code)


def _checks(db: str | None) -> Iterator[Check]:
    from importlib import metadata

    yield Check(
        "program", "ok", f"mms-planner {metadata.version('mms-planner')}, Python {platform.python_version()}"
    )
    yield _sqlite_version()
    yield _tried("settings", lambda: f"{len(options.settings().origins)} settings")
    yield _tried("policy", _policy_words)
    yield _tried("catalogue", _catalogue_words)
    yield from _database(db)


def _tried(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, "ok", look())
    except errors.PlannerError as error:
        return _failed(name, error)


def _failed(name: str, error: errors.PlannerError) -> Check:
    place = f"{error.where}: " if error.where else ""
    return Check(name, "fail", place + error.problem, error.hint)


def _policy_words() -> str:
    policy = options.policy_of(None)
    return f"{policy.name}, version {policy.version}"


def _catalogue_words() -> str:
    from planner.identify import default_identifier

    phones = default_identifier()
    problems = phones.catalogue.check()
    if problems:
        raise errors.ConfigurationError(problems[0], hint="run `planner catalog check`")
    return f"{len(phones.catalogue.devices)} devices, rules {phones.version}"


def _sqlite_version() -> Check:
    version = sqlite3.sqlite_version_info
    safe = any(version >= v and (v == SAFE_SQLITE[0] or version[:2] == v[:2]) for v in SAFE_SQLITE)
    if safe:
        return Check("sqlite", "ok", sqlite3.sqlite_version)
    advice = "use one writing process a file, or SQLite 3.51.3, 3.50.7 or 3.44.6"
    return Check(
        "sqlite", "warn", f"{sqlite3.sqlite_version} has a rare WAL race with several writers", advice
    )


def _place_for(url: str, path: Path) -> Check:
    """Tell whether a database that is not there yet can be made where it shall be."""
    if os.access(path.absolute().parent, os.W_OK | os.X_OK):
        return Check("database", "ok", f"{url} is not there yet", "it is made on first use")
    found = f"{url} is not there yet, and {path.absolute().parent} is no folder that can be written"
    return Check("database", "fail", found, "make the folder, or name another database with --db")


def _database(db: str | None) -> Iterator[Check]:
    from planner.store import views

    try:
        url = db or options.settings().database_url
        path = Path(url.removeprefix("sqlite:///"))
        if url.startswith("sqlite:///") and not path.exists():
            yield _place_for(url, path)
            return
        with options.open_store(db, readonly=True) as store:
            damage = store.damage()
            with store.transaction() as tx:
                counts = views.counts(tx)
                same = views.state_hash(tx) == views.state_hash(tx, from_ledger=True)
    except errors.PlannerError as error:
        yield _failed("database", error)
        return
    yield Check("database", "ok", f"{url}: {counts['numbers']} numbers, {counts['events']} events")
    if damage:
        yield Check("file", "fail", damage[0], "restore a backup")
    if not same:
        yield Check("views", "fail", "not what the ledgers say", "run `planner db rebuild`")
    free = shutil.disk_usage(path.resolve().parent).free
    if free < FREE_BYTES_MIN:
        yield Check("disk", "warn", f"{free:,} bytes free", "make room before the database needs it")
