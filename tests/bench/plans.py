"""What a plan costs, beside the one query that cannot be avoided."""

import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from planner import Media, Message, Slide, open_planner
from planner.dialects import sinch_mms
from tests.bench import Pair, row

NUMBERS = 100_000
ASKED = 2_000
NOW = datetime(2026, 11, 22, tzinfo=UTC)
STRINGS = ("iPhoneOS", "SAMSUNG-ANDROID-MMS/SM-G900F", "g020g", "motol7c", "Android-Mms/2.0", "Nokia6230/2.0")

MESSAGE = Message(
    slides=[
        Slide(
            "See you on Friday", Media("https://media.example.com/a.jpg", 384_000, "image/jpeg", 1920, 1280)
        ),
        Slide(contact=Media("https://media.example.com/a.vcf", 1_400, "text/vcard")),
        Slide(calendar=Media("https://media.example.com/a.ics", 1_100, "text/calendar")),
        Slide(pdf=Media("https://media.example.com/a.pdf", 92_000, "application/pdf")),
    ],
    fallback_text="Your appointment:",
)


def receipts(count: int) -> list[sinch_mms.Postback]:
    chance = random.Random(1)
    return [
        sinch_mms.Postback(
            code="N102",
            to=str(15_550_000_000 + number),
            tracking_id=f"t{number}",
            handset=chance.choice(STRINGS),
            operator_id="31003",
            timestamp="2026-11-01T12:00:00Z",
        )
        for number in range(count)
    ]


@row("plan", goal="at most 4 times one raw query (measured here on 100,000 handsets)")
def plan(folder: Path) -> Iterator[Pair]:
    """`plan()` for numbers of the cache in random order, look-up included, beside a bare `sqlite3` query."""
    asked = [str(15_550_000_000 + number) for number in random.Random(2).sample(range(NUMBERS), ASKED)]
    with open_planner(f"sqlite:///{folder / 'cache.db'}") as planner:
        postbacks = receipts(NUMBERS)
        for start in range(0, NUMBERS, 5_000):
            planner.receive_decoded(postbacks[start : start + 5_000], now=NOW)
        raw = sqlite3.connect(folder / "peer.db")
        raw.execute("CREATE TABLE handsets (number INTEGER PRIMARY KEY, string_id INTEGER)")
        raw.executemany("INSERT INTO handsets VALUES (?, 1)", [(15_550_000_000 + n,) for n in range(NUMBERS)])
        raw.commit()
        query = "SELECT string_id FROM handsets WHERE number = ?"
        yield Pair(
            ours=lambda: [planner.plan(MESSAGE, number, as_of=NOW) for number in asked],
            peer=lambda: [raw.execute(query, (int(number),)).fetchone() for number in asked],
            count=ASKED,
        )
        raw.close()
