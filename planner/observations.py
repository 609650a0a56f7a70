"""Observations: one fact about one number, as it came in.

An observation says that a source (a delivery receipt, a link visit by a person, or a hint of the
customer) gave this string for this number at this time. What phone the string means is decided
elsewhere and may change; the observation never does.

The time may be unknown: a receipt without one takes the time at which it is first stored (`assumed`).
A time more than a day ahead of that is not believed, and such an observation is kept aside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from planner import msisdn

FUTURE_TOLERANCE = timedelta(hours=24)
"""How far ahead of our own clock a sender's clock may be."""


class Source(IntEnum):
    """Where a fact comes from; a greater value is believed more."""

    HINT = 1
    HIT = 2
    RECEIPT = 3

    @property
    def label(self) -> str:
        """The word for it on every surface."""
        return self.name.lower()

    @classmethod
    def from_label(cls, label: str) -> Source:
        """Read the word back."""
        return cls[label.upper()]


@dataclass(frozen=True, slots=True)
class Observation:
    """One fact: `source` gave `string` for `number`, at `observed_at` (UTC) or at an unknown time.

    `string` is in its normal form (`identify.clean`); an empty one says that the source named no phone.
    `operator_id` is the carrier as the API spells it, or empty.
    """

    number: msisdn.Msisdn
    source: Source
    string: str
    observed_at: datetime | None = None
    operator_id: str = ""
    assumed: bool = False

    def settled(self, stored_at: datetime) -> Observation:
        """Give it a time: its own, or that of its first storage."""
        return self if self.observed_at is not None else replace(self, observed_at=stored_at, assumed=True)

    def is_believable(self, stored_at: datetime) -> bool:
        """Tell whether its time can be true, given when we first stored it."""
        return self.observed_at is None or self.observed_at <= stored_at + FUTURE_TOLERANCE


def in_utc(moment: datetime) -> datetime:
    """Give an aware time in UTC; a time without a zone is a programming mistake."""
    assert moment.tzinfo is not None, f"a time needs a zone, got {moment!r}"
    return moment.astimezone(UTC)
