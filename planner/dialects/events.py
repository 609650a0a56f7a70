"""The shared vocabulary: what can happen to a message, whatever API tells it.

States only move up, so neither order nor repetition of the postbacks matters. A delivery that is reported
after a failure is believed, since carriers retry.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from planner.msisdn import Msisdn


class MessageState(IntEnum):
    """How far a message has come; a greater value replaces a smaller one.

    Templates and inbound messages have states of their own above the others; they never meet in one row.
    """

    UNKNOWN = 0
    REFUSED = 5
    ACCEPTED = 10
    PREPARED = 20
    SENT = 30
    EXPIRED = 40
    FAILED = 50
    DELIVERED_AS_SMS = 60
    DELIVERED = 70
    TEMPLATE_READY = 110
    TEMPLATE_FAILED = 120
    INBOUND = 210

    @property
    def label(self) -> str:
        """The word for it on every surface."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class MessageEvent:
    """One thing that happened to one message; empty texts where the API did not say."""

    state: MessageState
    code: str
    tracking_id: str
    number: Msisdn | None
    sent_as: str
    client_reference: str
