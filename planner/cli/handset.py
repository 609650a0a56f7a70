"""`handset`: what is known about numbers."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner import msisdn
from planner.cli import options, output
from planner.policies import OsClass

if TYPE_CHECKING:
    from planner.handsets import Handset
    from planner.library import Planner

app = typer.Typer(help="What is known about numbers.", no_args_is_help=True, rich_markup_mode=None)

COLUMNS = (
    "number",
    "state",
    "os_class",
    "device",
    "brand",
    "model",
    "source",
    "string",
    "observed_at",
    "operator",
)
OsClassOption = Annotated[
    OsClass | None, typer.Option("--os-class", metavar="CLASS", help="Only ios, android, other or unknown.")
]


@app.command()
def show(
    number: Annotated[str, typer.Argument(help="A phone number with country code.")],
    as_of: options.AsOf = None,
    policy: options.PolicyFile = None,
    db: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Show one number: its phone, what that can do, and every piece of evidence."""
    parsed = msisdn.parse(number, where="number")
    moment = options.time_of(as_of)
    with options.open_planner(db, policy) as planner:
        document = _describe(planner, planner.known(parsed), moment)
    if as_json:
        output.emit(document)
        return
    evidence = document.pop("evidence")
    output.fields({key: _plain(value) for key, value in document.items()})
    output.table(
        ("source", "string", "observed", "operator", "means"),
        ((e["source"], e["string"], e["observed_at"], e["operator"], e["device"]) for e in evidence),
    )


@app.command("list")
def list_(
    after: Annotated[
        str | None,
        typer.Option("--after", metavar="NUMBER", help="Begin after this number, for the next page."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many numbers.")] = 50,
    os_class: OsClassOption = None,
    as_of: options.AsOf = None,
    policy: options.PolicyFile = None,
    db: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """List numbers with their phones, in order of the numbers, a page at a time."""
    begin = msisdn.parse(after, where="--after") if after else None
    moment = options.time_of(as_of)
    with options.open_planner(db, policy) as planner:
        found = [*islice(_rows(planner, moment, begin, os_class), limit + 1)]
    rows, rest = found[:limit], found[limit:]
    if as_json:
        for row in rows:
            output.emit(row)
        return
    shown = ("number", "state", "os_class", "device", "model", "source", "observed_at")
    output.table(shown, ([row[name] for name in shown] for row in rows))
    if rest:
        output.note(f"the next page: --after {rows[-1]['number']}")


@app.command()
def export(
    os_class: OsClassOption = None,
    as_of: options.AsOf = None,
    policy: options.PolicyFile = None,
    db: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Write all numbers with their phones to stdout, as CSV or, with --json, as NDJSON."""
    moment = options.time_of(as_of)
    with options.open_planner(db, policy) as planner:
        rows = _rows(planner, moment, None, os_class)
        if as_json:
            for row in rows:
                output.emit(row)
            return
        writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({name: _harmless(value) for name, value in row.items()})


@app.command()
def hint(
    number: Annotated[str, typer.Argument(help="A phone number with country code.")],
    string: Annotated[str, typer.Argument(help="What phone it is, as a handset string or name.")],
    db: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Say what phone a number has; where receipts disagree, only what both phones take is attached."""
    parsed = msisdn.parse(number, where="number")
    with options.open_planner(db) as planner:
        found = planner.hint(parsed, string)
    answer = {"number": parsed, "string": string, "device": found.device_id, "os_family": found.os_family}
    if as_json:
        output.emit(answer)
    elif found.os_family or found.model:
        print(f"{parsed}: understood as {found.device_id or found.brand}.")
    else:
        print(f"{parsed}: kept, but {string!r} names no phone that we know, so no plan changes.")


def _describe(planner: Planner, handset: Handset, moment: datetime) -> dict[str, Any]:
    reading = planner.read(handset, as_of=moment)
    attributes = planner.phones.catalogue.attributes(reading.device_id)
    accepts = dict(reading.profile.accepts)
    return {
        "number": handset.number,
        "state": reading.profile.state.value,
        "os_class": reading.profile.os_class.value,
        "device": reading.device_id,
        "brand": attributes.brand_name,
        "model": attributes.model_name,
        "marketing_name": attributes.marketing_name,
        "limit_wire_bytes": reading.profile.limit,
        "limited_by": reading.profile.limited_by.value,
        "accepts": {kind: accepts.get(kind) for kind in ("contact", "calendar", "pdf")},
        "receives_mms": reading.profile.handset_takes_mms,
        "operator": handset.operator_id or None,
        "evidence": [
            {
                "source": o.source.label,
                "string": o.string,
                "observed_at": None
                if o.observed_at is None
                else o.observed_at.isoformat().replace("+00:00", "Z"),
                "assumed": o.assumed,
                "operator": o.operator_id or None,
                "device": planner.phones.identify(o.string).device_id,
            }
            for o in handset.evidence
        ],
    }


def _rows(
    planner: Planner, moment: datetime, after: msisdn.Msisdn | None, os_class: OsClass | None
) -> Iterator[dict[str, Any]]:
    """Give one flat row a number, with the observation that is believed first."""
    for handset in planner.handsets(after=after):
        reading = planner.read(handset, as_of=moment)
        if os_class is not None and reading.profile.os_class is not os_class:
            continue
        first = reading.evidence[0][0] if reading.evidence else None
        found = planner.phones.identify(first.string) if first else None
        at = first.observed_at if first else None
        yield {
            "number": handset.number,
            "state": reading.profile.state.value,
            "os_class": reading.profile.os_class.value,
            "device": reading.device_id,
            "brand": found.brand if found else None,
            "model": found.model if found else None,
            "source": first.source.label if first else None,
            "string": first.string if first else None,
            "observed_at": at.isoformat().replace("+00:00", "Z") if at else None,
            "operator": handset.operator_id or None,
        }


def _plain(value: object) -> object:
    if isinstance(value, dict):
        words = {True: "yes", False: "no", None: "not stated"}
        return ", ".join(f"{name} {words[said]}" for name, said in value.items())
    return value


def _harmless(value: object) -> object:
    """Keep a spreadsheet from taking a handset string for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
