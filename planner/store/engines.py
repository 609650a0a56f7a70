"""Opening a database: address, pragmas, migrations, and database errors in our own words.

SQLite is the embedded default: write-ahead log, every commit synced, one writer at a time. A file is
created and migrated on first use; a file from a newer version, or one that is no database, is refused.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

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
    address = _address(url)
    memory = address.database in {None, "", ":memory:"}
    if not memory:
        path = Path(str(address.database)).absolute()  # a program may change its folder later
        if readonly and not path.is_file():
            problem = f"expected a database, found no file {path}"
            raise errors.ConfigurationError(problem, hint="open it for writing once", where=url)
        query = {"mode": "ro" if readonly else "rwc", "uri": "true"}
        address = address.set(database=f"file:{quote(str(path))}", query=query)
    engine = sa.create_engine(
        address,
        poolclass=pool.StaticPool if memory else pool.NullPool,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
    )
    sa.event.listen(engine, "connect", _prepare_readonly if readonly else _prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine.execution_options(reading=True) if readonly else engine


def _address(url: str) -> sa.URL:
    hint = "write it like sqlite:///planner.db or sqlite:////var/lib/planner/planner.db"
    try:
        address = make_url(url)
    except exc.ArgumentError:
        problem = f"expected a database address, got {url!r}"
        raise errors.ConfigurationError(problem, hint=hint, where="--db") from None
    if address.drivername not in {"sqlite", "sqlite+pysqlite"}:
        problem = f"expected a sqlite:/// address, got {address.drivername}"
        raise errors.ConfigurationError(problem, hint="this version stores in SQLite", where="--db")
    if address.host or address.query:
        problem = "expected a sqlite:/// address with nothing but a path, got a host or options"
        raise errors.ConfigurationError(problem, hint=hint, where="--db")
    return address


def is_in_memory(engine: sa.Engine) -> bool:
    """Tell whether all threads share one connection, because the database is nowhere else."""
    return isinstance(engine.pool, pool.StaticPool)


def open_reader(engine: sa.Engine, timeout_ms: int) -> sqlite3.Connection:
    """Give a connection of the driver itself for reading, which never waits longer than that for a lock."""
    if is_in_memory(engine):
        shared = engine.raw_connection()
        try:
            assert isinstance(shared.driver_connection, sqlite3.Connection)
            return shared.driver_connection
        finally:
            shared.close()
    mode = "ro" if engine.url.query["mode"] == "ro" else "rw"
    connection = sqlite3.connect(
        f"{engine.url.database}?mode={mode}",
        uri=True,
        timeout=timeout_ms / 1000,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute("PRAGMA query_only=ON")
    return connection


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    """Set the pragmas; a pragma that does not take must not pass unseen, so its answer is read."""
    connection.isolation_level = None  # transactions are begun by `_begin`, not guessed by the driver
    _refuse_foreign(connection)
    mode = _journal_mode(connection)
    if mode not in {"wal", "memory"}:
        problem = f"SQLite cannot keep a write-ahead log here, it answered {mode!r}"
        raise errors.ConfigurationError(problem, hint="put the database on a local disk")
    connection.execute("PRAGMA synchronous=FULL")


def _refuse_foreign(connection: sqlite3.Connection) -> None:
    """Leave a database of another program as it is: no tables, no write-ahead log."""
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if names and "alembic_version" not in names:
        problem = f"expected a database of this program, found one with the table {min(names)}"
        raise errors.ConfigurationError(problem, hint="choose another path")


def _journal_mode(connection: sqlite3.Connection) -> str:
    """Switch to the write-ahead log; while another process does the same SQLite does not wait, so we do."""
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            return str(connection.execute("PRAGMA journal_mode=WAL").fetchone()[0])
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _prepare_readonly(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only=ON")


def _begin(connection: sa.Connection) -> None:
    """Begin; a writer takes its lock at once, since one that takes it later can be refused halfway."""
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def in_our_words(url: str, *, readonly: bool = False) -> Iterator[None]:
    """Turn errors of the database into ours: what is wrong, and whether another try can help."""
    try:
        yield
    except (exc.DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, exc.DBAPIError) else error
        raise translated(str(cause), url, readonly=readonly) from error


def translated(text: str, url: str, *, readonly: bool = False) -> errors.PlannerError:
    """Say in our words what a database said in its own."""
    lowered = text.lower()
    if readonly and "readonly database" in lowered:
        hint = "SQLite must write beside the file even for reading: make the folder writable, or open a copy"
        return errors.ConfigurationError("the database was opened for reading only", hint=hint, where=url)
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


def require_known(found: str | None, url: str) -> None:
    """Refuse a database that a newer program has written."""
    if found is not None and found > HEAD:
        problem = f"the database is of version {found}, newer than this program ({HEAD})"
        raise errors.ConfigurationError(problem, hint="install a newer mms-planner", where=url)


def upgrade(engine: sa.Engine, url: str) -> str | None:
    """Bring a database to the newest migration; give the version it had before.

    A current database is only read, so that opening never waits for somebody who writes.
    """
    with in_our_words(url):
        with engine.execution_options(reading=True).connect() as connection:
            before = version(connection)
        require_known(before, url)
        if before != HEAD:
            with engine.begin() as connection:
                before = version(connection)
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
