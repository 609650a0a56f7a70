"""What one string says about a phone: the answer of `identify`, and nothing that acts on it.

Unknown is a value here: every field may be None, and None means "the string does not tell". Above all
`os_family` is never guessed as `other`: a phone wrongly taken for `other` loses its attachments.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Kind(enum.StrEnum):
    """What sort of string arrived, read from its form."""

    HANDSET_NAME = "handset-name"
    MMS_UA = "mms-ua"
    UAPROF_URL = "uaprof-url"
    BROWSER_UA = "browser-ua"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one rule read off a string, before the catalogue is asked; every field may be missing."""

    brand: str | None = None
    model: str | None = None
    marketing_name: str | None = None
    os_name: str | None = None
    os_version: str | None = None
    device_id: str | None = None
    confidence: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Identification:
    """The phone behind a string, as far as the string tells.

    `device_id` is the deepest node of the catalogue that fits (None: the string names no operating
    system), `model` the maker's code and may be known where the catalogue has no row for it, and
    `confidence` runs from 0 to 1. `reason` is for people.
    """

    device_id: str | None = None
    os_family: str | None = None
    os_name: str | None = None
    os_version: str | None = None
    brand: str | None = None
    model: str | None = None
    marketing_name: str | None = None
    confidence: float = 0.0
    kind: Kind = Kind.NONE
    reason: str = ""
