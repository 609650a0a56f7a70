"""Policies: the rules, limits and account settings that a decision obeys.

A policy is a TOML file; what it leaves out has the default below, which is the seed's text. Its version
is a hash over every value in force, so two plans with the same version obeyed the same policy.

Sizes: raw bytes are the bytes of the files as they lie on a server; wire bytes are what travels, base64
and headers included. They are different types, and the two functions here are the only way between them.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, NewType

from planner import errors

RawBytes = NewType("RawBytes", int)
WireBytes = NewType("WireBytes", int)

WIRE_NUMERATOR, WIRE_DENOMINATOR = 137, 100
WIRE_HEADER_BYTES = 814
"""Seed: 1.37 times the original data size + 814 bytes for headers."""

LINK_TOKEN_LENGTH = 16
LINK_LENGTH_MAX = 67
"""The part of an SMS in UCS-2, so that a link never has to be cut."""


class OsClass(StrEnum):
    """What the object rule asks of a phone; `other` is known to be neither, `unknown` is not known."""

    IOS = "ios"
    ANDROID = "android"
    OTHER = "other"
    UNKNOWN = "unknown"


class Form(StrEnum):
    """How an object travels."""

    ATTACHMENT = "attachment"
    LINK = "link"


class SenderType(StrEnum):
    """What kind of number a message comes from; carriers set limits by it."""

    SHORT_CODE = "short_code"
    TOLL_FREE = "toll_free"
    TEN_DLC = "10dlc"


RULE_KINDS = ("contact", "calendar", "pdf")
RULE_KIND = {"contact": "contact", "calendar": "calendar", "pdf": "pdf", "excel": "pdf"}
"""Excel is covered by no text of the API; it is treated as PDF."""

SEED_RULE: Mapping[OsClass, Mapping[str, Form]] = {
    OsClass.IOS: {"contact": Form.ATTACHMENT, "calendar": Form.ATTACHMENT, "pdf": Form.ATTACHMENT},
    OsClass.ANDROID: {"contact": Form.ATTACHMENT, "calendar": Form.LINK, "pdf": Form.LINK},
    OsClass.OTHER: {"contact": Form.LINK, "calendar": Form.LINK, "pdf": Form.LINK},
    OsClass.UNKNOWN: {"contact": Form.ATTACHMENT, "calendar": Form.LINK, "pdf": Form.LINK},
}
"""Seed: which objects are delivered as binary attachments, and which as downloadable web links."""

TOLL_FREE_PREFIXES = ("800", "833", "844", "855", "866", "877", "888")


def wire_size(raw: RawBytes) -> WireBytes:
    """Estimate what `raw` bytes weigh on the wire."""
    return WireBytes(-(-raw * WIRE_NUMERATOR // WIRE_DENOMINATOR) + WIRE_HEADER_BYTES)


def raw_room(wire: WireBytes) -> RawBytes:
    """Give the most raw bytes whose estimate stays within `wire` bytes; below 0 when not even headers fit."""
    return RawBytes((wire - WIRE_HEADER_BYTES) * WIRE_DENOMINATOR // WIRE_NUMERATOR)


def sender_type(sender: str | None) -> SenderType | None:
    """Tell the kind of a sender from its digits; None when there is none."""
    digits = "".join(filter("0123456789".__contains__, sender or ""))
    if not digits:
        return None
    if len(digits) <= 6:
        return SenderType.SHORT_CODE
    national = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    return (
        SenderType.TOLL_FREE
        if len(national) == 10 and national[:3] in TOLL_FREE_PREFIXES
        else SenderType.TEN_DLC
    )


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything a decision obeys beside the message and the phone. Hashable; see `data/policy.toml`.

    `rule` is the object rule as (OS class, kind, form) in fixed order, `values` what an attached object is
    worth, `file_bytes_max` the account's limit for each kind of source file in raw bytes.
    """

    name: str = "default"
    rule: tuple[tuple[OsClass, str, Form], ...] = ()
    evidence: str = "class"
    evidence_max_age_days: int = 365
    conflict_days: int = 30
    links: str = "api"
    link_host: str = ""
    link_length: int = 64
    sms_route: str = "none"
    values: tuple[tuple[str, int], ...] = ()
    tight_fit_share: float = 0.02
    transcoding: str = "on"
    image_floor_bytes: int = 10_000
    image_floor_pixels: int = 76_800
    image_floor_bytes_per_pixel: float = 0.15
    video_floor_bytes_per_second: int = 12_500
    audio_floor_bytes_per_second: int = 1_500
    sender: str = ""
    message_raw_bytes_max: int | None = None
    service_id_required: bool = False
    webp: bool = False
    excel: bool = False
    file_bytes_max: tuple[tuple[str, int], ...] = ()
    version: str = field(default="", compare=True)

    def __post_init__(self) -> None:
        """Check and complete the values and compute the version, so that no half-made policy exists."""
        for key in (name for names in SECTIONS.values() for name in names):
            value = getattr(self, key)
            optional = key == "message_raw_bytes_max" and value is None
            if not optional and (expected := _expected(key, value)) is not None:
                raise errors.ConfigurationError(f"expected {expected}, got {value!r}", where=f"policy.{key}")
        for key in SHARES:
            object.__setattr__(self, key, float(getattr(self, key)))
        tables = ((self.values, DEFAULT_VALUES), (self.file_bytes_max, FILE_BYTES_MAX["on"]))
        for key, value, known in ((k, v, known) for table, known in tables for k, v in table):
            if key not in known or not _is_count(value):
                problem = f"expected a whole number for one of {', '.join(known)}, got {key} = {value!r}"
                raise errors.ConfigurationError(problem, where="policy")
        try:
            rule = {(OsClass(os_class), RULE_KIND[kind]): Form(form) for os_class, kind, form in self.rule}
        except (KeyError, ValueError) as error:
            problem = f"expected (OS class, kind, form) in each cell of the rule, got {error}"
            raise errors.ConfigurationError(problem, where="policy.rule") from None
        complete = tuple((c, k, rule.get((c, k), SEED_RULE[c][k])) for c in OsClass for k in RULE_KINDS)
        object.__setattr__(self, "rule", complete)
        object.__setattr__(self, "values", tuple((DEFAULT_VALUES | dict(self.values)).items()))
        limits = FILE_BYTES_MAX[self.transcoding] | dict(self.file_bytes_max)
        object.__setattr__(self, "file_bytes_max", tuple(limits.items()))
        canonical = json.dumps(self._values(), sort_keys=True).encode()
        object.__setattr__(self, "version", hashlib.sha256(canonical).hexdigest()[:12])

    def _values(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in {"version", "name"}}

    def form(self, os_class: OsClass, kind: str) -> Form:
        """The cell of the object rule for a class of phones and a kind of object."""
        column = RULE_KINDS.index(RULE_KIND[kind])
        return self.rule[list(OsClass).index(os_class) * len(RULE_KINDS) + column][2]

    def differs_from_seed(self, os_class: OsClass, kind: str) -> bool:
        """Tell whether the API, which obeys the seed's rule, would do something else here."""
        return self.form(os_class, kind) is not SEED_RULE[os_class][RULE_KIND[kind]]

    def value(self, kind: str) -> int:
        """What one attached object of this kind is worth when not everything fits."""
        return dict(self.values)[RULE_KIND[kind]]

    def file_limit(self, kind: str) -> int:
        """The account's largest source file of a kind (`gif` apart from `image`), in raw bytes."""
        return dict(self.file_bytes_max)[kind]

    @property
    def own_link_length(self) -> int:
        """Characters of one of our links when sent; an assumption as long as no link host is known."""
        return len(self.link_prefix) + LINK_TOKEN_LENGTH if self.link_host else self.link_length

    @property
    def link_prefix(self) -> str:
        """What stands before the token of an own link."""
        host = self.link_host.rstrip("/")
        return "" if not host else f"{host if '://' in host else 'https://' + host}/m/"

    @classmethod
    def from_file(cls, path: str | Path) -> Policy:
        """Read a policy file; raise `ConfigurationError` with everything that is wrong in it."""
        try:
            document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise errors.ConfigurationError(
                f"cannot be read: {error.strerror}", hint="give the path of a TOML file", where=str(path)
            ) from None
        except ValueError as error:
            raise errors.ConfigurationError(f"expected TOML, got: {error}", where=str(path)) from None
        return cls.from_dict(document, where=str(path))

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], *, where: str = "policy") -> Policy:
        """Build a policy from the tables of a TOML file; all problems come together."""
        problems: list[str] = []
        values = _read_sections(document, problems)
        if problems:
            raise errors.ConfigurationError(
                "\n  ".join([f"{len(problems)} problem(s)", *problems]),
                hint="see data/policy.toml",
                where=where,
            )
        return cls(**values)


DEFAULT_VALUES = {"pdf": 1, "calendar": 2, "contact": 3}
KB = 1024
FILE_BYTES_MAX: Mapping[str, dict[str, int]] = {
    "on": {
        "image": 3000 * KB,
        "gif": 1024 * KB,
        "audio": 10_000 * KB,
        "video": 50_000 * KB,
        **dict.fromkeys(("contact", "calendar", "pdf", "excel"), 2048 * KB),
    },
    "off": {
        **dict.fromkeys(("image", "gif", "audio", "video"), 1000 * KB),
        **dict.fromkeys(("contact", "calendar", "pdf", "excel"), 2048 * KB),
    },
}
"""Upload limits that Sinch publishes, by whether the account transcodes (community.sinch.com)."""
FILE_BYTES_MAX = {**FILE_BYTES_MAX, "images": {**FILE_BYTES_MAX["off"], "image": 3000 * KB, "gif": 1024 * KB}}

SHARES = ("tight_fit_share", "image_floor_bytes_per_pixel")

CHOICES = {
    "evidence": ("class", "device"),
    "links": ("api", "own"),
    "sms_route": ("none", "sms_api"),
    "transcoding": ("on", "images", "off"),
}
"""Settings that take one of a few words."""

TEXTS = {
    "name": (".*", "a text"),
    "sender": (".*", "a text"),
    "link_host": (
        r"|(?=(https?://)?.{1,40}$)(https?://)?[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9_.-]+)*/?",
        "a host of at most 40 characters, like m.example.com or https://m.example.com",
    ),
}
"""Settings that are a text, and how it looks. Each character of a link is one byte and one SMS septet."""

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "": (
        "name",
        "evidence",
        "evidence_max_age_days",
        "conflict_days",
        "links",
        "link_host",
        "link_length",
        "sms_route",
    ),
    "size": (
        "tight_fit_share",
        "image_floor_bytes",
        "image_floor_pixels",
        "image_floor_bytes_per_pixel",
        "video_floor_bytes_per_second",
        "audio_floor_bytes_per_second",
    ),
    "account": ("sender", "transcoding", "message_raw_bytes_max", "service_id_required", "webp", "excel"),
}
"""Where each plain setting stands in TOML; tables of their own are `objects`, `values`, `file_bytes_max`."""


def _read_sections(document: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in document.items():
        if isinstance(value, dict):
            _read_table(key, value, values, problems)
        else:
            _read_setting("", key, value, values, problems)
    return values


def _read_table(section: str, table: Mapping[str, Any], values: dict[str, Any], problems: list[str]) -> None:
    if section == "objects":
        values["rule"] = tuple(_read_rule(table, problems))
    elif section in {"values", "file_bytes_max"}:
        known = DEFAULT_VALUES if section == "values" else FILE_BYTES_MAX["on"]
        for key, value in table.items():
            if key not in known:
                problems.append(f"{section}.{key}: unknown; known are {', '.join(known)}")
            elif not _is_count(value):
                problems.append(f"{section}.{key}: expected a whole number, 0 or more, got {value!r}")
        values[section] = tuple(table.items())
    elif section in SECTIONS:
        for key, value in table.items():
            _read_setting(section, key, value, values, problems)
    else:
        names = ", ".join(["objects", "values", "file_bytes_max", *filter(None, SECTIONS)])
        problems.append(f"[{section}]: unknown table; known are {names}")


def _read_rule(table: Mapping[str, Any], problems: list[str]) -> list[tuple[OsClass, str, Form]]:
    rule: list[tuple[OsClass, str, Form]] = []
    for os_class, row in table.items():
        if os_class not in set(OsClass) or not isinstance(row, dict):
            problems.append(f"objects.{os_class}: expected a table for one of {', '.join(OsClass)}")
            continue
        for kind, form in row.items():
            if kind not in RULE_KINDS or form not in tuple(Form):
                expected = f"{'/'.join(RULE_KINDS)} = {' or '.join(Form)}"
                problems.append(f"objects.{os_class}.{kind} = {form!r}: expected {expected}")
            else:
                rule.append((OsClass(os_class), kind, Form(form)))
    return rule


def _read_setting(section: str, key: str, value: object, values: dict[str, Any], problems: list[str]) -> None:
    place = f"{section}.{key}" if section else key
    if key not in SECTIONS[section]:
        home = next((name for name, keys in SECTIONS.items() if key in keys), None)
        moved = f"it belongs into [{home}]" if home else f"known are {', '.join(SECTIONS[section])}"
        problems.append(f"{place}: unknown setting here; {moved}")
    elif (expected := _expected(key, value)) is not None:
        problems.append(f"{place}: expected {expected}, got {value!r}")
    else:
        values[key] = value


def _expected(key: str, value: object) -> str | None:
    """Say in words what a setting takes, or None when the value is fine."""
    if key in CHOICES:
        return None if value in CHOICES[key] else " or ".join(CHOICES[key])
    if key in {"service_id_required", "webp", "excel"}:
        return None if isinstance(value, bool) else "true or false"
    if key in TEXTS:
        pattern, expected = TEXTS[key]
        return None if isinstance(value, str) and re.fullmatch(pattern, value, re.DOTALL) else expected
    if key in SHARES:
        fine = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        return None if fine and 0 <= float(value) <= 1 else "a share between 0 and 1"  # type: ignore[arg-type]  # checked
    if key == "link_length":
        fits = isinstance(value, int) and 20 <= value <= LINK_LENGTH_MAX
        return None if fits else f"a length between 20 and {LINK_LENGTH_MAX}"
    return None if _is_count(value) else "a whole number, 0 or more"


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
