"""Opening a database: address, pragmas, migrations, and database errors in our own words.

SQLite is the embedded default: write-ahead log, every commit synced, one writer at a time. A file is
created and migrated on first use; a file from a newer version, or one that is no database, is refused.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc, pool
from sqlalchemy.engine import make_url

from planner import errors

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0001"
"""The newest migration; a test holds it against the folder, so that opening need not load Alembic."""

BUSY_TIMEOUT_MS = 5_000


def open_engine(url: str, *, readonly: bool = False) -> sa.Engine:
    """Give an engine for an address like `sqlite:///planner.db`; opens nothing yet."""
    try:
        address = make_url(url)
    except exc.ArgumentError:
        hint = "write it like sqlite:///planner.db or sqlite:////var/lib/planner/planner.db"
        raise errors.ConfigurationError(
            f"expected a database address, got {url!r}", hint=hint, where="--db"
        ) from None
    if address.get_backend_name() != "sqlite":
        problem = f"expected a sqlite:/// address, got {address.get_backend_name()}"
        raise errors.ConfigurationError(problem, hint="this version stores in SQLite", where="--db")
    memory = address.database in {None, "", ":memory:"}
    if readonly and not memory:
        _require_file(str(address.database), url)
        address = address.set(database=f"file:{address.database}", query={"mode": "ro", "uri": "true"})
    engine = sa.create_engine(
        address,
        poolclass=pool.StaticPool if memory else pool.NullPool,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
    )
    sa.event.listen(engine, "connect", _prepare_readonly if readonly else _prepare)
    sa.event.listen(engine, "begin", _begin_deferred if readonly else _begin)
    return engine


def _require_file(database: str, url: str) -> None:
    if not Path(database).is_file():
        raise errors.ConfigurationError(
            f"expected a database, found no file {database}", hint="open it for writing once", where=url
        )


def _prepare(connection: Any, _record: object) -> None:
    """Set the pragmas; a pragma that does not take must not pass unseen, so its answer is read."""
    connection.isolation_level = None  # transactions are begun by `_begin`, not guessed by the driver
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    assert mode in {"wal", "memory"}, f"SQLite answered journal_mode={mode}"
    connection.execute("PRAGMA synchronous=FULL")


def _prepare_readonly(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only=ON")


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")


@contextmanager
def in_our_words(url: str) -> Iterator[None]:
    """Turn errors of the database into ours: what is wrong, and whether another try can help."""
    try:
        yield
    except (exc.DBAPIError, sqlite3.Error, exc.InterfaceError) as error:
        cause = error.orig if isinstance(error, exc.DBAPIError) else error
        raise _translated(str(cause), url) from error


def _translated(text: str, url: str) -> errors.PlannerError:
    lowered = text.lower()
    away = {
        "locked": "another process is writing; try again",
        "busy": "another process is writing; try again",
        "full": "free some space on the disk and try again",
        "disk i/o": "the disk failed; check it before you trust this file",
    }
    for mark, hint in away.items():
        if mark in lowered:
            return errors.UnavailableError(f"the database cannot be used now: {text}", hint=hint, where=url)
    broken = {
        "unable to open": "check that the folder exists and may be written",
        "readonly": "check the rights of the file and its folder",
        "not a database": "the file is something else; choose another path",
        "malformed": "the file is damaged; restore a backup (`planner db backup` makes them)",
        "no such table": "run `planner db upgrade`",
    }
    hint = next((words for mark, words in broken.items() if mark in lowered), "run `planner doctor`")
    return errors.ConfigurationError(f"the database cannot be used: {text}", hint=hint, where=url)


def version(connection: sa.Connection) -> str | None:
    """Tell which migration a database has reached; None when it is empty."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def upgrade(engine: sa.Engine, url: str) -> str | None:
    """Bring a database to the newest migration; give the version it had before."""
    with in_our_words(url), engine.begin() as connection:
        before = version(connection)
        if before is not None and before > HEAD:
            problem = f"the database is of version {before}, newer than this program ({HEAD})"
            raise errors.ConfigurationError(problem, hint="install a newer mms-planner", where=url)
        if before != HEAD:
            _migrate(connection)
        return before


def _migrate(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - half a second that a current database does not need
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
