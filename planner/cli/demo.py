"""`demo`: the main job on one desk, in a minute, on receipts as they really look.

It plans one message before anything is known, learns the receipts of `data/samples/`, plans again, and
explains one plan. The clock stands at the time of the samples, so the demo says the same every day.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import options, output

if TYPE_CHECKING:
    from planner import messages
    from planner.library import Planner
    from planner.plans import Plan

MOMENT = datetime(2026, 11, 20, 12, tzinfo=UTC)
PEOPLE = {
    "15550100001": "Ann",
    "15550100002": "Ben",
    "15550100003": "Cleo",
    "15550100004": "Dan",
}


def demo(
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="FILE", help="Keep the demo's database in this new file.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Run the whole loop on one desk: receipts in, plans out, in plain words."""
    from planner import identify, messages
    from planner.dialects import sinch_mms

    began = time.monotonic()
    samples = identify.data_folder() / "samples"
    message = messages.Message.from_file(samples / "appointment.json")
    with (samples / "receipts.ndjson").open("rb") as lines:
        postbacks = [sinch_mms.parse_postback(line) for line in lines]
    with _database(keep) as url, options.open_planner(url) as planner:
        before = _plans(planner, message)
        received = planner.receive_decoded(postbacks, now=MOMENT)
        after = _plans(planner, message)
        if as_json:
            output.emit({"before": [p.to_dict() for p in before], "after": [p.to_dict() for p in after]})
            return
        _say(1, "One message for four people: text, image, contact, calendar, PDF. Nothing is known yet.")
        _table(planner, before)
        _say(
            2,
            f"Their delivery receipts come in: {received.taken} postbacks, {received.repeated} repeated, "
            f"{received.unknown_codes} with an unknown code, "
            f"{received.aside} with a time that cannot be true.",
        )
        _learnt(planner)
        _say(3, "The same message again, now that the receipts have been learnt.")
        _table(planner, after)
        _say(4, "Why? Each choice has a reason. In words, for Cleo:")
        print(after[2].explain())
    print(f"\nDone in {time.monotonic() - began:.1f} s.")
    if keep:
        file, url = shlex.quote(str(samples / "appointment.json")), shlex.quote(url)
        print("Go on with:")
        print(f"planner plan --to 15550100001 --message {file} --as-of {MOMENT.isoformat()} --db {url}")


@contextmanager
def _database(keep: Path | None) -> Iterator[str]:
    """Give a fresh database, kept or thrown away."""
    if keep is not None:
        if keep.exists():
            raise typer.BadParameter(f"expected a path where nothing is yet, got {keep}", param_hint="--keep")
        yield f"sqlite:///{keep}"
        return
    with TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/demo.db"


def _plans(planner: Planner, message: messages.Message) -> list[Plan]:
    return [planner.plan(message, number, as_of=MOMENT) for number in PEOPLE]


def _say(step: int, text: str) -> None:
    print(f"\n{step}. {text}")


def _table(planner: Planner, plans: Sequence[Plan]) -> None:
    columns = ("for", "known as", "contact", "calendar", "PDF", "image", "size of limit")
    output.table(columns, (_row(planner, plan) for plan in plans))


def _row(planner: Planner, plan: Plan) -> tuple[object, ...]:
    """Say one plan in few words, so that the table fits a narrow terminal."""
    from planner.plans import Action
    from planner.policies import Form

    phone = planner.phones.catalogue.attributes(plan.device)
    known = f"{phone.brand_name} {phone.marketing_name or phone.model_name}" if plan.device else "unknown"
    forms = ("attached" if o.form is Form.ATTACHMENT else "link" for o in plan.objects)
    image = plan.media[0]
    kept = f"{(image.max_bytes or 0) // 1000} kB" if image.action is Action.REDUCE else "as it is"
    wire, limit = plan.size.wire_bytes // 1000, plan.size.limit_wire_bytes // 1000
    return (PEOPLE[plan.to or ""], known, *forms, kept, f"{wire} of {limit} kB")


def _learnt(planner: Planner) -> None:
    """Show what each string of the receipts was taken for."""
    strings = dict.fromkeys(o.string for handset in planner.handsets() for o in handset.evidence if o.string)
    found = [(text, planner.phones.identify(text)) for text in strings]
    output.table(
        ("what a receipt said", "OS class", "brand", "model"),
        (
            (
                output.shortened(text, 60),
                f.os_family or "unknown",
                f.brand,
                f.marketing_name or f.model,
            )
            for text, f in found
        ),
    )
