"""`receive`: postbacks from a file or stdin, one JSON document per line.

A line that cannot be taken is reported with its number and kept, byte for byte, in a rejects file that can
be mended and received again; the rest goes in. Memory stays flat whatever the length of the file or line.

A small file may also hold what people and tools make of postbacks: documents spread over several lines, or
one list of them. Then documents are counted instead of lines.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from planner import errors
from planner.cli import options, output

if TYPE_CHECKING:
    from planner.dialects import sinch_mms
    from planner.flows import Received
    from planner.library import Planner

LINE_BYTES_MAX = 1 << 20
"""The largest body that a postback may have."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
READ_BYTES_MAX = LINE_BYTES_MAX + len("\r\n")
BATCH_LINES = 1_000
REPORTED_MAX = 20

Place = tuple[str, int]
"""Where a document stands: "line" or "document", and its number from 1."""


@dataclass(slots=True)
class _Rejects:
    """Lines that were not taken: kept in a file that is made when the first one comes."""

    path: Path
    file: BinaryIO | None = None
    reports: list[dict[str, object]] = field(default_factory=list)
    count: int = 0

    def add(self, place: Place, line: bytes, error: errors.PlannerError, rest_of: BinaryIO) -> None:
        """Keep a line and say why; the first few are reported one by one."""
        self._keep(line)
        while len(line) == READ_BYTES_MAX and not line.endswith(b"\n"):
            line = rest_of.readline(READ_BYTES_MAX)
            self._keep(line)
        unit, number = place
        self.count += 1
        if self.count <= REPORTED_MAX:
            output.note(f"{unit} {number}: {error}")
            self.reports.append({unit: number, "error": str(error)})
        elif self.count == REPORTED_MAX + 1:
            output.note(f"more {unit}s were not taken; they are in the rejects file")

    def _keep(self, line: bytes) -> None:
        if self.file is None:
            new = not self.path.exists() or self.path.is_file()
            try:
                self.file = self.path.open("xb" if new else "wb")
            except OSError as error:
                hint = "name another file with --rejects"
                problem = f"cannot be written: {error.strerror}"
                raise errors.ConfigurationError(problem, hint=hint, where=str(self.path)) from None
        self.file.write(line)

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
        typer.Option(
            "--rejects", metavar="FILE", help="A new file for lines that cannot be taken [FILE.rejects]."
        ),
    ] = None,
    account: options.Account = None,
    db: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Take postbacks in and learn from them; exits 6 when some lines went to the rejects file."""
    from planner.flows import Received

    kept = _Rejects(_new_file(rejects, file if Path(file).is_file() else "planner-stdin"))
    total = Received()
    lines = 0
    with ExitStack() as stack:
        stack.callback(kept.close)
        source, size = _open(file, stack)
        planner = stack.enter_context(options.open_planner(db, account=account))
        bar = stack.enter_context(output.progress("receiving", size))
        batch: list[sinch_mms.Postback] = []
        try:
            for place, line in _documents(source):
                bar.advance(len(line))
                lines += 1
                try:
                    batch.append(_read(line))
                except errors.PayloadError as error:
                    try:
                        kept.add(place, line, error, source)
                    except errors.ConfigurationError:  # the lines before it were good and stay
                        _take(planner, batch)
                        raise
                if len(batch) >= BATCH_LINES:
                    total += _take(planner, batch)
            total += _take(planner, batch)
        except KeyboardInterrupt:
            output.note("planner: batches that were taken stay; receiving the same again does no harm")
            raise
    _report(total, lines, kept, as_json=as_json)
    if kept.count:
        raise typer.Exit(6)


def _take(planner: Planner, batch: list[sinch_mms.Postback]) -> Received:
    """One transaction."""
    taken = planner.receive_decoded(batch, now=datetime.now(UTC))
    batch.clear()
    return taken


def _new_file(chosen: Path | None, name: str) -> Path:
    """Give a path where nothing is yet: what an earlier run could not take may be the only copy of it."""
    if chosen is None:
        paths = (Path(f"{name}.rejects{end}") for end in ("", *(f".{n}" for n in range(2, 1_000))))
        return next((path for path in paths if not path.exists()), Path(f"{name}.rejects"))
    if chosen.is_file():
        problem, hint = "expected a path where nothing is yet, found a file", "receive it, or name another"
        raise errors.InputError(problem, hint=hint, where=str(chosen))
    return chosen


def _open(file: str, stack: ExitStack) -> tuple[BinaryIO, int | None]:
    if file == "-":
        return options.stdin(), None
    path = Path(file)
    if path.is_dir():
        raise errors.InputError("expected a file, got a directory", hint="name the file in it", where=file)
    try:
        return stack.enter_context(path.open("rb")), path.stat().st_size
    except OSError as error:
        raise errors.InputError(
            f"cannot be read: {error.strerror}", hint="check the path", where=file
        ) from None


def _read(line: bytes) -> sinch_mms.Postback:
    if len(line.removesuffix(b"\n").removesuffix(b"\r")) > LINE_BYTES_MAX:
        raise errors.PayloadError(f"expected at most {LINE_BYTES_MAX} bytes in a line, got more")
    from planner.dialects import sinch_mms

    return sinch_mms.parse_postback(line)


def _documents(source: BinaryIO) -> Iterator[tuple[Place, bytes]]:
    """Give each line that is not blank, with its number; of one that is too long only its beginning."""
    head = source.readline(READ_BYTES_MAX)
    if _goes_on(head):
        first = head
        head += source.read(max(0, LINE_BYTES_MAX + 1 - len(head)))
        found = _values(head) if len(head) <= LINE_BYTES_MAX else []
        if len(found) == 1 or (found and not _values(first)):
            for number, value in enumerate(found[0] if isinstance(found[0], list) else found, 1):
                yield ("document", number), json.dumps(value).encode() + b"\n"
            return
        if first.strip() in {b"[", b"{"}:
            output.note("this looks like JSON over several lines; write each postback on one, as jq -c does")
    for number, line in enumerate(_lines(head, source), 1):
        if line.removeprefix(BYTE_ORDER_MARK).strip():
            yield ("line", number), line


def _goes_on(line: bytes) -> bool:
    """Tell whether a first line may be the beginning of something that is not one document a line."""
    text = line.removeprefix(BYTE_ORDER_MARK).lstrip()
    return len(line) <= LINE_BYTES_MAX and (
        text.startswith(b"[") or (text.startswith(b"{") and not _values(line))
    )


def _values(body: bytes) -> list[object]:
    """Read JSON documents that follow each other in any layout; none when there is anything else."""
    decoder, blank = json.JSONDecoder(), re.compile(r"\s*")
    values: list[object] = []
    try:
        text = body.decode("utf-8-sig").strip()
        place = 0
        while place < len(text):
            value, place = decoder.raw_decode(text, place)
            values.append(value)
            place = blank.match(text, place).end()  # type: ignore[union-attr]  # it always matches
    except (ValueError, RecursionError):
        return []
    return values


def _lines(head: bytes, source: BinaryIO) -> Iterator[bytes]:
    """Give the lines of what was read already, then those that follow."""
    lines = [*io.BytesIO(head)]
    if lines and not lines[-1].endswith(b"\n"):
        lines[-1] += source.readline(max(0, READ_BYTES_MAX - len(lines[-1])))
    yield from lines
    while line := source.readline(READ_BYTES_MAX):
        yield line


def _report(total: Received, lines: int, kept: _Rejects, *, as_json: bool) -> None:
    rejected = {"rejected": kept.count, "rejects_file": str(kept.path) if kept.count else None}
    if as_json:
        output.emit({**asdict(total), **rejected, "errors": kept.reports})
        return
    print(
        f"{total.taken} postbacks taken ({total.repeated} of them repeats,"
        f" {total.unknown_codes} with an unknown code); {total.taught} observations learnt,"
        f" {total.aside} kept aside for a time in the future."
    )
    if kept.count:
        print(f"{kept.count} of {lines} were not taken; they are in {kept.path}.")
