"""`receive`: postbacks from a file or stdin, one JSON document per line.

A line that cannot be taken is reported with its number and kept, byte for byte, in a rejects file that can
be mended and received again; the rest goes in. Memory stays flat whatever the length of the file or line.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from planner import errors, messages
from planner.cli import options, output
from planner.dialects import sinch_mms

if TYPE_CHECKING:
    from planner.flows import Received
    from planner.library import Planner

LINE_BYTES_MAX = 1 << 20
"""The largest body that a postback may have."""

BATCH_LINES = 1_000
REPORTED_MAX = 20


@dataclass(slots=True)
class _Rejects:
    """Lines that were not taken: kept in a file that is made when the first one comes."""

    path: Path
    file: BinaryIO | None = None
    reports: list[dict[str, object]] = field(default_factory=list)
    count: int = 0

    def add(self, number: int, body: bytes, error: errors.PlannerError) -> None:
        """Keep a line and say why; the first few are reported one by one."""
        self.keep(body)
        self.count += 1
        if self.count <= REPORTED_MAX:
            output.note(f"line {number}: {error}")
            self.reports.append({"line": number, "error": str(error)})
        elif self.count == REPORTED_MAX + 1:
            output.note("more lines were not taken; they are in the rejects file")

    def keep(self, body: bytes) -> None:
        """Append bytes to the file."""
        if self.file is None:
            try:
                self.file = self.path.open("wb")
            except OSError as error:
                hint = "name another file with --rejects"
                problem = f"cannot be written: {error.strerror}"
                raise errors.ConfigurationError(problem, hint=hint, where=str(self.path)) from None
        self.file.write(body)

    def close(self) -> None:
        """Close the file if there is one."""
        if self.file is not None:
            self.file.close()


def receive(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Postbacks, one JSON document a line; - is stdin.")
    ],
    rejects: Annotated[
        Path | None,
        typer.Option("--rejects", metavar="FILE", help="Where lines go that cannot be taken [FILE.rejects]."),
    ] = None,
    account: options.Account = None,
    db: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Take postbacks in and learn from them; exits 6 when some lines went to the rejects file."""
    from planner.flows import Received

    name = "planner-stdin" if file == "-" else file
    kept = _Rejects(rejects or Path(f"{name}.rejects"))
    total = Received()
    lines = 0
    with ExitStack() as stack:
        stack.callback(kept.close)
        source, size = _open(file, stack)
        planner = stack.enter_context(options.open_planner(db, account=account))
        bar = stack.enter_context(output.progress("receiving", size))
        batch: list[sinch_mms.Postback] = []
        for number, line in _documents(source, kept):
            bar.advance(len(line))
            lines += 1
            try:
                batch.append(sinch_mms.parse_postback(line))
            except errors.PayloadError as error:
                kept.add(number, line if line.endswith(b"\n") else line + b"\n", error)
            if len(batch) >= BATCH_LINES:
                total += _take(planner, batch)
        total += _take(planner, batch)
    _report(total, lines + 0, kept, as_json=as_json)
    if kept.count:
        raise typer.Exit(6)


def _take(planner: Planner, batch: list[sinch_mms.Postback]) -> Received:
    """One transaction."""
    taken = planner.receive_decoded(batch, now=datetime.now(UTC))
    batch.clear()
    return taken


def _open(file: str, stack: ExitStack) -> tuple[BinaryIO, int | None]:
    if file == "-":
        return sys.stdin.buffer, None
    path = Path(file)
    if path.is_dir():
        raise errors.InputError("expected a file, got a directory", hint="name the file in it", where=file)
    try:
        return stack.enter_context(path.open("rb")), path.stat().st_size
    except OSError as error:
        raise errors.InputError(
            f"cannot be read: {error.strerror}", hint="check the path", where=file
        ) from None


def _documents(source: BinaryIO, kept: _Rejects) -> Iterator[tuple[int, bytes]]:
    """Give (line number, body) for each line that is not blank; a line that is too long is kept aside.

    A file that holds one document spread over several lines, as people save them, is taken as one.
    """
    number = 0
    while line := source.readline(LINE_BYTES_MAX + 1):
        number += 1
        if number == 1 and line.strip() in {b"{", b"["}:
            yield from _whole(line + source.read(LINE_BYTES_MAX), source)
            return
        if len(line) > LINE_BYTES_MAX:
            _skip(line, source, kept)
            error = errors.PayloadError(f"expected at most {LINE_BYTES_MAX} bytes in a line, got more")
            kept.add(number, b"", error)
        elif line.strip():
            yield number, line


def _whole(body: bytes, source: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Read a document (or a list of them) that goes over several lines."""
    import json

    if source.read(1):
        problem = f"expected one JSON document a line, got one of more than {LINE_BYTES_MAX} bytes"
        raise errors.InputError(problem, hint="write each postback on a line of its own")
    document = messages.parse_json(body, where="line 1")
    for item in document if isinstance(document, list) else [document]:
        yield 1, json.dumps(item).encode()


def _skip(line: bytes, source: BinaryIO, kept: _Rejects) -> None:
    """Copy the rest of a line that is too long, piece by piece."""
    kept.keep(line)
    while not line.endswith(b"\n") and (line := source.readline(LINE_BYTES_MAX)):
        kept.keep(line)


def _report(total: Received, lines: int, kept: _Rejects, *, as_json: bool) -> None:
    rejected = {"rejected": kept.count, "rejects_file": str(kept.path) if kept.count else None}
    if as_json:
        output.emit({**asdict(total), **rejected, "errors": kept.reports})
        return
    print(
        f"{total.taken} postbacks taken ({total.repeated} of them repeats, {total.unknown_codes} with an unknown"
        f" code); {total.taught} observations learnt, {total.aside} kept aside for a time in the future."
    )
    if kept.count:
        print(f"{kept.count} of {lines} lines were not taken; they are in {kept.path}.")
