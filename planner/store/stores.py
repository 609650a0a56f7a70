"""The store: one database, opened once, used by all threads of a process.

Writing happens inside `transaction()`, one per flow. Reading one handset, which happens before every send,
goes past the ORM: a statement on the driver's own connection, one per thread.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from planner import errors
from planner.handsets import Handset
from planner.msisdn import Msisdn
from planner.observations import Observation, Source
from planner.store import engines, views
from planner.store.ledgers import STRINGS
from planner.store.tables import moment

LOOKUP = (
    "SELECT source, string_id, observed_at, assumed, operator_id FROM handsets WHERE number = ? LIMIT 1000"
)
STRING = "SELECT text FROM strings WHERE id = ?"

STRINGS_CACHED_MAX = 100_000


class Store:
    """An open database; use it as a context manager or `close()` it."""

    def __init__(self, url: str, *, readonly: bool = False) -> None:
        """Open; a writable SQLite file is created and migrated when it has to be."""
        self.url = url
        self.readonly = readonly
        self._engine = engines.open_engine(url, readonly=readonly)
        self._process = os.getpid()
        self._local = threading.local()
        self._opened: list[Any] = []
        self._strings: dict[int, str] = {}
        self._closed = False
        if readonly:
            self._require_current()
        else:
            engines.upgrade(self._engine, url)

    def _require_current(self) -> None:
        with self.transaction() as tx:
            found = engines.version(tx)
        if found != engines.HEAD:
            problem = f"expected version {engines.HEAD} of the tables, found {found}"
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
        """Close all connections; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        if os.getpid() == self._process:
            for connection in self._opened:
                connection.close()
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

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Give a transaction: committed at the end, rolled back on an error."""
        self.require_usable()
        with engines.in_our_words(self.url), self._engine.begin() as tx:
            yield tx

    def handset(self, number: Msisdn, *, timeout_ms: int = engines.BUSY_TIMEOUT_MS) -> Handset:
        """Look one number up; an unknown one is a handset without evidence.

        Raises `UnavailableError` when the database is locked for longer than `timeout_ms`.
        """
        self.require_usable()
        with engines.in_our_words(self.url):
            cursor = self._cursor()
            if self._local.timeout_ms != timeout_ms:
                cursor.execute(f"PRAGMA busy_timeout={int(timeout_ms)}")
                self._local.timeout_ms = timeout_ms
            rows = cursor.execute(LOOKUP, (int(number),)).fetchall()
            evidence = [
                Observation(
                    number, Source(source), self._string(string_id), moment(at), operator, bool(assumed)
                )
                for source, string_id, at, assumed, operator in rows
            ]
        return Handset(number, tuple(sorted(evidence, key=lambda o: (o.source, o.string))))

    def _cursor(self) -> Any:
        """Give this thread's connection of the driver itself."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            raw = self._engine.raw_connection()
            self._opened.append(raw)
            connection = self._local.connection = raw.driver_connection
            self._local.timeout_ms = engines.BUSY_TIMEOUT_MS
        return connection

    def _string(self, string_id: int) -> str:
        text = self._strings.get(string_id)
        if text is None:
            if len(self._strings) >= STRINGS_CACHED_MAX:
                self._strings.clear()
            text = self._strings[string_id] = self._cursor().execute(STRING, (string_id,)).fetchone()[0]
        return text

    def handsets(self, *, after: Msisdn | None = None, limit: int | None = None) -> Iterator[Handset]:
        """Give handsets in the order of their numbers, beginning after one; flat memory for any size."""
        rows = (
            sa.select(views.HANDSETS, STRINGS.c.text)
            .join(STRINGS, STRINGS.c.id == views.HANDSETS.c.string_id)
            .order_by(views.HANDSETS.c.number, views.HANDSETS.c.source, STRINGS.c.text)
            .execution_options(yield_per=1_000)
        )
        if after is not None:
            rows = rows.where(views.HANDSETS.c.number > int(after))
        given, handset = 0, None
        with engines.in_our_words(self.url), closing(self._engine.connect()) as tx:
            for row in tx.execute(rows).mappings():
                number = Msisdn(str(row["number"]))
                if handset is not None and handset.number != number:
                    yield handset
                    given, handset = given + 1, None
                    if given == limit:
                        return
                seen = Observation(
                    number,
                    Source(row["source"]),
                    row["text"],
                    row["observed_at"],
                    row["operator_id"],
                    row["assumed"],
                )
                handset = Handset(number, (*(handset.evidence if handset else ()), seen))
            if handset is not None:
                yield handset

    def backup(self, path: Path) -> None:
        """Copy the whole database into a new file while others go on writing."""
        import sqlite3  # noqa: PLC0415 - only this call needs the driver by name

        if path.exists():
            raise errors.InputError("expected a path where nothing is yet, found a file", where=str(path))
        self.require_usable()
        partial = path.with_name(path.name + ".partial")
        try:
            with engines.in_our_words(self.url), closing(sqlite3.connect(partial)) as copy:
                self._cursor().backup(copy)
            partial.rename(path)
        except OSError as error:
            raise errors.ConfigurationError(f"cannot be written: {error.strerror}", where=str(path)) from None
        finally:
            partial.unlink(missing_ok=True)

    def damage(self) -> list[str]:
        """Ask the database whether its file is sound; empty when it is."""
        self.require_usable()
        with engines.in_our_words(self.url):
            answers = [row[0] for row in self._cursor().execute("PRAGMA integrity_check(20)").fetchall()]
        return [] if answers == ["ok"] else answers
