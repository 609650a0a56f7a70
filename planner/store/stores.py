"""The store: one database, opened once, used by all threads of a process.

Writing happens inside `transaction()`, one per flow. Reading one handset, which happens before every send,
goes past the ORM: a statement on the driver's own connection, one per thread.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from weakref import WeakSet

import sqlalchemy as sa

from planner import errors
from planner.handsets import Handset, statement
from planner.msisdn import Msisdn
from planner.observations import Observation, Source
from planner.store import engines, views
from planner.store.tables import moment

EVIDENCE_MAX = 1_000
LOOKUP = "SELECT source, string_id, observed_at, assumed, operator_id FROM handsets WHERE number = ? LIMIT ?"
LOOKUP_NEWEST = LOOKUP.replace("LIMIT", "ORDER BY source DESC, observed_at DESC LIMIT")
STRING = "SELECT text FROM strings WHERE id = ?"

Transaction = sa.Connection
"""What `Store.transaction()` gives: the flows hand it on and never look inside."""

STRINGS_CACHED_MAX = 100_000
PAGE = 500
"""Numbers that are read together when all are listed."""


class _Reader:
    """One thread's connection for looking up; closed with the store, or when its thread ends."""

    def __init__(self, connection: sqlite3.Connection, lock: threading.RLock, timeout_ms: int) -> None:
        self.connection = connection
        self.lock = lock
        self.timeout_ms = timeout_ms

    def __enter__(self) -> sqlite3.Connection:
        if not self.lock.acquire(timeout=max(self.timeout_ms, 0) / 1000):
            problem = "the database cannot be used now: another thread is using it"
            raise errors.UnavailableError(problem, hint="try again")
        return self.connection

    def __exit__(self, *_: object) -> None:
        self.lock.release()

    def __del__(self) -> None:
        self.connection.close()


class Store:
    """An open database; use it as a context manager or `close()` it."""

    def __init__(self, url: str, *, readonly: bool = False) -> None:
        """Open; a writable SQLite file is created and migrated when it has to be."""
        self.url = url
        self.readonly = readonly
        self._engine = engines.open_engine(url, readonly=readonly)
        self._process = os.getpid()
        # A database in memory has one connection, so one thread at a time; in a file each has its own.
        self._turn = threading.RLock() if engines.is_in_memory(self._engine) else None
        self._local = threading.local()
        self._readers: WeakSet[_Reader] = WeakSet()
        self._readers_lock = threading.Lock()
        self._shared: _Reader | None = None
        self._strings: dict[int, str] = {}
        self._closed = False
        if readonly:
            self._require_current()
        else:
            engines.upgrade(self._engine, url)
        if self._turn is not None:
            self._shared = self._open_reader(engines.BUSY_TIMEOUT_MS)

    def _require_current(self) -> None:
        with self.transaction() as tx:
            found = engines.version(tx)
        engines.require_known(found, self.url)
        if found != engines.HEAD:
            problem = f"expected version {engines.HEAD} of the tables, found {found or 'none'}"
            raise errors.ConfigurationError(problem, hint="run `planner db upgrade`", where=self.url)

    def __enter__(self) -> Self:
        """Give the open store."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Close all connections, each when its thread has done with it; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        if os.getpid() == self._process:
            with self._readers_lock:
                readers = list(self._readers)
            for reader in readers:
                with reader.lock:
                    reader.connection.close()
            with self._turn or nullcontext():
                self._engine.dispose()

    def require_usable(self) -> None:
        """Refuse use after `close()` and in a forked child, where connections must not be shared."""
        if self._closed:
            raise errors.UseError("this planner is closed", hint="open another with open_planner(...)")
        if os.getpid() != self._process:
            raise errors.UseError(
                "this planner was opened in another process and cannot be used after a fork",
                hint="call open_planner(...) in each worker process",
            )

    def require_writable(self) -> None:
        """Refuse to write through a store that was opened for reading."""
        self.require_usable()
        if self.readonly:
            hint = "open it without readonly=True"
            raise errors.UseError("this planner was opened for reading only", hint=hint, where=self.url)

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Give a transaction: committed at the end, rolled back on an error."""
        with self._connected(self._engine) as tx, tx.begin():
            yield tx

    @contextmanager
    def _connected(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        self.require_usable()
        ours = engines.in_our_words(self.url, readonly=self.readonly)
        with ours, self._turn or nullcontext(), engine.connect() as connection:
            yield connection

    def handset(self, number: Msisdn, *, timeout_ms: int = engines.BUSY_TIMEOUT_MS) -> Handset:
        """Look one number up; an unknown one is a handset without evidence.

        Raises `UnavailableError` when the database is locked for longer than `timeout_ms`, and
        `ConfigurationError` when it cannot be read at all. Of a number with thousands of strings, which no
        person has, the newest are given.
        """
        try:
            with self._reader(timeout_ms) as connection:
                self.require_usable()  # it may have been closed in the meantime
                rows = connection.execute(LOOKUP, (int(number), EVIDENCE_MAX)).fetchall()
                if len(rows) == EVIDENCE_MAX:
                    rows = connection.execute(LOOKUP_NEWEST, (int(number), EVIDENCE_MAX)).fetchall()
                evidence = [self._observation(connection, number, row) for row in rows]
        except sqlite3.Error as error:
            raise engines.translated(str(error), self.url) from error
        except (TypeError, ValueError, OverflowError) as error:
            problem = f"what is stored about a number cannot be read: {error}"
            hint = "run `planner db check`, then `planner db rebuild`"
            raise errors.ConfigurationError(problem, hint=hint, where=self.url) from None
        return Handset(number, tuple(sorted(evidence, key=statement)))

    def _observation(
        self, connection: sqlite3.Connection, number: Msisdn, row: tuple[Any, ...]
    ) -> Observation:
        source, string_id, at, assumed, operator = row
        text = self._strings.get(string_id)
        if text is None:
            found = connection.execute(STRING, (string_id,)).fetchone()
            if found is None:
                raise ValueError(f"there is no string {string_id}")
            if len(self._strings) >= STRINGS_CACHED_MAX:
                self._strings.clear()
            text = self._strings[string_id] = str(found[0])
        return Observation(number, Source(source), text, moment(at), operator, bool(assumed))

    def _reader(self, timeout_ms: int) -> _Reader:
        """Give this thread's connection of the driver itself, which waits that long for a lock."""
        self.require_usable()
        reader: _Reader | None = self._shared or getattr(self._local, "reader", None)
        if reader is None:
            reader = self._local.reader = self._open_reader(timeout_ms)
        if reader.timeout_ms != timeout_ms:
            reader.timeout_ms = timeout_ms
            if reader is not self._shared:
                with reader.lock:
                    reader.connection.execute(f"PRAGMA busy_timeout={int(timeout_ms)}")
        return reader

    def _open_reader(self, timeout_ms: int) -> _Reader:
        connection = engines.open_reader(self._engine, timeout_ms)
        reader = _Reader(connection, self._turn or threading.RLock(), timeout_ms)
        with self._readers_lock:
            self._readers.add(reader)
        return reader

    def handsets(self, *, after: Msisdn | None = None, limit: int | None = None) -> Iterator[Handset]:
        """Give handsets in the order of their numbers, beginning after one; flat memory for any size.

        They are read a page at a time, so that nobody who writes has to wait for whoever goes through them.
        """
        self.require_usable()
        return islice(chain.from_iterable(self._pages(int(after or 0))), limit)

    def _pages(self, after: int) -> Iterator[list[Handset]]:
        reading = self._engine.execution_options(reading=True)
        while True:
            with self._connected(reading) as tx:
                page = views.handsets_after(tx, after, PAGE)
            if not page:
                return
            yield page
            after = int(page[-1].number)

    def backup(self, path: Path) -> None:
        """Copy the whole database into a new file while others go on writing."""
        if path.exists():
            raise errors.InputError(
                "expected a path where nothing is yet, found a file", hint="choose another", where=str(path)
            )
        partial = path.with_name(path.name + ".partial")
        try:
            partial.unlink(missing_ok=True)
            source = self._reader(engines.BUSY_TIMEOUT_MS)
            ours = engines.in_our_words(str(path))
            with ours, closing(sqlite3.connect(partial)) as copy, source as connection:
                connection.backup(copy)
                answer = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
            if answer != "ok":
                hint = "restore an older backup; run `planner doctor`"
                raise errors.ConfigurationError(
                    f"the database is damaged: {answer}", hint=hint, where=self.url
                )
            partial.rename(path)
        except OSError as error:
            hint = "check that the folder exists and may be written"
            raise errors.ConfigurationError(
                f"cannot be written: {error.strerror}", hint=hint, where=str(path)
            ) from None
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)

    def damage(self) -> list[str]:
        """Ask the database whether its file is sound; empty when it is."""
        with engines.in_our_words(self.url), self._reader(engines.BUSY_TIMEOUT_MS) as connection:
            answers = [row[0] for row in connection.execute("PRAGMA integrity_check(20)")]
        return [] if answers == ["ok"] else answers
