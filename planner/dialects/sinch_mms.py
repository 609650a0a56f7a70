"""The Sinch MMS JSON API: requests, acknowledgements and postbacks, in both directions.

Its names changed several times and every generation is still met, so postbacks are read in all of them:
`lower-hyphen` (JSON, XML), `UPPERCASE` (v1.3), and `trackingid` without its hyphen; both status
vocabularies; unknown codes and fields are kept. What cannot be read raises `PayloadError`, nothing else.
Written is the current generation, or v1.3 where asked for.

Source: Sinch's public pages on the JSON and XML API and its postbacks (developers.sinch.com/docs/mms), and
the Skycore API v1.3 that they grew from.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from planner import errors, identify, messages, msisdn
from planner.dialects.events import MessageEvent, MessageState
from planner.observations import Observation, Source

# What an answer and a postback may say.

STATE_OF_CODE: Mapping[str, MessageState] = {
    "N101": MessageState.SENT,
    "N102": MessageState.DELIVERED,
    "N103": MessageState.EXPIRED,
    "E101": MessageState.FAILED,
    "E102": MessageState.FAILED,
    "N202": MessageState.DELIVERED_AS_SMS,
    "E202": MessageState.FAILED,
    "E999": MessageState.FAILED,
    "N013": MessageState.PREPARED,
    "E011": MessageState.FAILED,
    "E012": MessageState.FAILED,
    "E013": MessageState.FAILED,
    "N501": MessageState.SENT,
    "N502": MessageState.DELIVERED,
    "E501": MessageState.FAILED,
    "E502": MessageState.FAILED,
    "N003": MessageState.TEMPLATE_READY,
    "E001": MessageState.TEMPLATE_FAILED,
    "E002": MessageState.TEMPLATE_FAILED,
    "E003": MessageState.TEMPLATE_FAILED,
    "E004": MessageState.TEMPLATE_FAILED,
    "N401": MessageState.INBOUND,
    "E100": MessageState.FAILED,
}

STATE_OF_STATUS: Mapping[str, MessageState] = {
    "sent": MessageState.SENT,
    "message sent": MessageState.SENT,
    "delivered": MessageState.DELIVERED,
    "message sent/delivered": MessageState.DELIVERED,
    "expired": MessageState.EXPIRED,
    "message sent/expired": MessageState.EXPIRED,
    "failed": MessageState.FAILED,
    "message failed": MessageState.FAILED,
    "message sent/failed": MessageState.FAILED,
    "rejected": MessageState.FAILED,
    "message sent/rejected": MessageState.FAILED,
    "unrecognised": MessageState.FAILED,
    "unrecognized": MessageState.FAILED,
    "message sent/not supported": MessageState.FAILED,
    "message sent/notsupported": MessageState.FAILED,
}
"""Both vocabularies; where code and status disagree on N102 and E102, the status is the newer word."""

RECEIPT_CODES = frozenset({"N102", "N502"})
"""The codes that bring a handset when anything does; one without says that the receipt named no phone."""

DEPTH_MAX = 32
"""How deeply JSON may be nested; the documented postbacks and requests go three levels deep."""

DATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}T")
"""How a time begins. Python also reads `1795010112345`, milliseconds since 1970, as a day in 1795."""


class Generation(StrEnum):
    """Which documentation an encoder follows."""

    JSON = "json"
    V1_3 = "v1.3"


@dataclass(frozen=True, slots=True)
class Postback:
    """One notification as it came, every field as its text; empty where it was absent.

    `extra` holds fields that are not known here as (name, JSON text), in order of appearance.
    """

    code: str
    origin: str = ""
    sent_as: str = ""
    status: str = ""
    status_details: str = ""
    mms_id: str = ""
    to: str = ""
    sender: str = ""
    tracking_id: str = ""
    client_reference: str = ""
    timestamp: str = ""
    operator_id: str = ""
    operator_name: str = ""
    campaign_ref: str = ""
    handset: str = ""
    os: str = ""
    image_name: str = ""
    audio_name: str = ""
    video_name: str = ""
    keyword: str = ""
    subject: str = ""
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def state(self) -> MessageState:
        """What it says of the message: by its code, refined by status and `sent-as`."""
        state = STATE_OF_CODE.get(self.code, MessageState.UNKNOWN)
        if self.code in {"N102", "E102", "N502", "E502"}:
            state = STATE_OF_STATUS.get(self.status.strip().lower(), state)
        if state is MessageState.DELIVERED and self.sent_as.upper() == "SMS":
            return MessageState.DELIVERED_AS_SMS
        return state

    @property
    def number(self) -> msisdn.Msisdn | None:
        """The person's number: the recipient, or the sender of an inbound message."""
        return msisdn.normalise(self.sender if self.is_inbound else self.to)

    @property
    def is_inbound(self) -> bool:
        """Tell whether a person sent it, whatever its code."""
        return self.state is MessageState.INBOUND or self.origin.upper() == "MMS_MO"

    @property
    def at(self) -> datetime | None:
        """When it happened, in UTC, and a time without a zone is read so; None where it does not say."""
        if not DATED.match(self.timestamp):
            return None
        try:
            moment = datetime.fromisoformat(self.timestamp)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    @property
    def event(self) -> MessageEvent:
        """What happened to the message."""
        return MessageEvent(
            self.state, self.code, self.tracking_id, self.number, self.sent_as.upper(), self.client_reference
        )

    @property
    def key(self) -> str:
        """What makes two notifications the same: who, when, and everything they say.

        Code, tracking id, recipient and time are not enough: the documentation itself has receipts that agree
        in all four and name different handsets. Dropping the second would make the result depend on order.
        """
        said = (
            self.code,
            self.tracking_id,
            self.number or self.to,
            str(self.at or self.timestamp),
            self.sent_as.upper(),
            self.status,
            self.mms_id,
            self.client_reference,
            self.operator_id,
            identify.clean(self.handset),
            identify.clean(self.os),
        )
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    def observations(self) -> tuple[Observation, ...]:
        """What it teaches about the number: the handset, the legacy OS word, or just the carrier."""
        number = self.number
        if number is None or self.is_inbound:
            return ()
        said = [identify.clean(text) for text in (self.handset, self.os)]
        named = [text for text in dict.fromkeys(said) if text]
        if not named and (self.code in RECEIPT_CODES or self.operator_id):
            named = [""]
        return tuple(Observation(number, Source.RECEIPT, text, self.at, self.operator_id) for text in named)


FIELDS: Mapping[str, str] = {
    field.name: {"sender": "from", "subject": "message-subject"}.get(field.name, field.name.replace("_", "-"))
    for field in fields(Postback)
    if field.name != "extra"
}
"""Field names on the wire."""

SPELLINGS: Mapping[str, str] = {name.replace("-", ""): attribute for attribute, name in FIELDS.items()} | {
    "spid": "operator_id",
    "subject": "subject",
}
"""Every generation's spelling, hyphens and case removed."""


def decode_postback(document: object) -> Postback:
    """Read a notification of any generation; raise `PayloadError` when it is none."""
    values, extra = _read_fields(document, SPELLINGS, "postback")
    if not values.get("code"):
        hint = "a postback has a code such as N102"
        raise errors.PayloadError("expected a code, got none", hint=hint, where="postback.code")
    postback = Postback(**values, extra=extra)
    if postback.code in STATE_OF_CODE and not postback.is_inbound and not _is_address(postback.to):
        problem = f"expected 8 to 15 digits with a country code, got {postback.to[:40]!r}"
        hint = "the recipient of a postback is a phone number"
        raise errors.PayloadError(problem, hint=hint, where="postback.to")
    if postback.timestamp and postback.at is None:
        problem = f"expected a time such as 2026-10-01T12:00:09Z, got {postback.timestamp[:40]!r}"
        hint = "a receipt of unknown age would count as new; leave the field out if that is meant"
        raise errors.PayloadError(problem, hint=hint, where="postback.timestamp")
    return postback


def _is_address(text: str) -> bool:
    """Tell whether a recipient is absent, a phone number, or a short code, which is nobody's phone."""
    return (
        not text
        or msisdn.normalise(text) is not None
        or (text.isascii() and text.isdigit() and len(text) < 8)
    )


def parse_postback(body: bytes | str) -> Postback:
    """Read a notification from its body; raise `PayloadError` when it is none."""
    try:
        return decode_postback(messages.parse_json(body, where="postback"))
    except errors.PayloadError:
        raise
    except errors.InputError as error:
        raise errors.PayloadError(error.problem, hint=error.hint, where=error.where) from None


def encode_postback(postback: Postback, generation: Generation = Generation.JSON) -> dict[str, Any]:
    """Write a notification; the inverse of `decode_postback`."""
    document = {FIELDS[name]: value for name in FIELDS if (value := getattr(postback, name))}
    if generation is Generation.V1_3:
        old = {"operator-id": "SPID"}
        document = {old.get(key, key.replace("-", "").upper()): value for key, value in document.items()}
    return _with_extra(document, postback.extra)


def redacted(postback: Postback) -> Postback:
    """Give the notification as it may be stored: no IMEI-like part in any text that may name a phone."""
    extra = tuple(
        (key, json.dumps(_cleaned(json.loads(value)), sort_keys=True)) for key, value in postback.extra
    )
    return replace(
        postback,
        handset=identify.clean(postback.handset),
        os=identify.clean(postback.os),
        status_details=identify.clean(postback.status_details),
        extra=extra,
    )


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        return identify.clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    if value is None or isinstance(value, bool):
        return value
    number = str(value)  # an IMEI may come as a number, too
    return value if identify.clean(number) == number else identify.clean(number)


# Reading and writing fields, for postbacks and answers alike.


def _read_fields(
    document: object, spellings: Mapping[str, str], where: str
) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """Read the known fields in any spelling; unknown ones, and second ones that differ, are kept as JSON."""
    if not isinstance(document, Mapping):
        raise errors.PayloadError(f"expected a JSON object, got {type(document).__name__}", where=where)
    values: dict[str, str] = {}
    extra: list[tuple[str, str]] = []
    for key, value in document.items():
        name = str(key)
        attribute = spellings.get(name.replace("-", "").replace("_", "").lower())
        text = "" if attribute is None or value is None else _scalar(value, f"{where}.{name}")
        if attribute is None or (text and values.setdefault(attribute, text) != text):
            extra.append((name, _json(value, where)))
    return values, tuple(extra)


def _with_extra(known: Mapping[str, Any], extra: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Write known fields with the others; where another has taken a name, a hyphen more keeps them apart."""
    kept = {key: json.loads(value) for key, value in extra}
    document: dict[str, Any] = {}
    for name, value in known.items():
        free = name
        while free in kept:
            free += "-"
        document[free] = value
    return document | kept


def _scalar(value: object, where: str) -> str:
    """Give a text or a number as its text; a whole number is written out, even where it came as `1.5e10`."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        problem = f"expected a text, got {_json(value, where)[:60]}"
        raise errors.PayloadError(problem, hint="see the documented examples", where=where)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = value if isinstance(value, str) else _json(value, where)
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise errors.PayloadError("expected Unicode text, got a lone surrogate", where=where)
    return text.replace("\x00", "")


def _json(value: object, where: str) -> str:
    """Give JSON as text; refuse what only Python can hold, and what is nested too deeply to be walked."""
    _require_shallow(value, where)
    try:
        return json.dumps(value, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise errors.PayloadError(f"expected JSON, got something else: {error}", where=where) from None


def _require_shallow(value: object, where: str) -> None:
    if not _is_within(value, DEPTH_MAX):
        raise errors.PayloadError(f"expected JSON of at most {DEPTH_MAX} levels, got more", where=where)


def _is_within(value: object, levels: int) -> bool:
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return levels > 0 and all(_is_within(item, levels - 1) for item in items)


# Acknowledgements.


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The answer to a call: accepted with a tracking id, or refused with a code."""

    accepted: bool
    tracking_id: str = ""
    mms_id: str = ""
    to: str = ""
    sender: str = ""
    code: str = ""
    info: str = ""
    extra: tuple[tuple[str, str], ...] = ()


ACKNOWLEDGEMENT_SPELLINGS: Mapping[str, str] = {
    "status": "status",
    "trackingid": "tracking_id",
    "mmsid": "mms_id",
    "to": "to",
    "from": "sender",
    "errorcode": "code",
    "errorinfo": "info",
    "statusdetails": "info",
}


def decode_acknowledgement(document: object) -> Acknowledgement:
    """Read the answer to a call; raise `PayloadError` when it is none."""
    values, extra = _read_fields(document, ACKNOWLEDGEMENT_SPELLINGS, "acknowledgement")
    status = values.pop("status", "")
    if status.lower() not in {"success", "failure"}:
        problem = f"expected status Success or Failure, got {status[:40]!r}"
        raise errors.PayloadError(
            problem, hint="this is not an answer of the API", where="acknowledgement.status"
        )
    return Acknowledgement(accepted=status.lower() == "success", **values, extra=extra)


def encode_acknowledgement(answer: Acknowledgement) -> dict[str, Any]:
    """Write the answer to a call; the inverse of `decode_acknowledgement`."""
    document = {
        "status": "Success" if answer.accepted else "Failure",
        "error-code": answer.code,
        "mms-id": answer.mms_id,
        "tracking-id": answer.tracking_id,
        "to": answer.to,
        "from": answer.sender,
        "status-details" if answer.accepted else "error-info": answer.info,
    }
    return _with_extra({key: value for key, value in document.items() if value}, answer.extra)


# Requests.


class Action(StrEnum):
    """What a call asks for."""

    SENDMMS = "sendmms"
    SAVEMMS = "savemms"
    SENDSAVEDMMS = "sendsavedmms"


@dataclass(frozen=True, slots=True)
class Request:
    """One call: an action with its message; for a saved one its id and the texts that replace its own.

    `custom_slides` are (slide number from 1, text).
    """

    action: Action
    message: messages.Message
    mms_id: str = ""
    custom_slides: tuple[tuple[int, str], ...] = ()


def encode_request(request: Request) -> dict[str, Any]:
    """Write the body of a call, without the hints that never reach the API."""
    document = {"action": request.action.value, **request.message.to_dict(hints=False)}
    if request.action is Action.SENDSAVEDMMS:
        del document["slide"]
        document["mms-id"] = request.mms_id
        if request.custom_slides:
            document["custom-slides"] = [
                {"slide": n, "message-text": text} for n, text in request.custom_slides
            ]
    return document


def decode_request(document: object) -> Request:
    """Read the body of a call; raise `PayloadError` or, for wrong shapes inside, `LintError`."""
    if not isinstance(document, dict):
        raise errors.PayloadError(f"expected a JSON object, got {type(document).__name__}", where="request")
    _require_shallow(document, "request")
    named = str(document.get("action", "")).lower()
    if named not in set(Action):
        problem = f"expected one of {', '.join(Action)}, got {named[:40]!r}"
        raise errors.PayloadError(problem, hint="set action", where="request.action")
    message = messages.Message.from_dict(document, where="request")
    slides = document.get("custom-slides") or []
    if not isinstance(slides, list):
        problem = f"expected a list of slides, got {_json(slides, 'request')[:60]}"
        raise errors.PayloadError(problem, hint=CUSTOM_SLIDE_HINT, where="request.custom-slides")
    return Request(
        action=Action(named),
        message=message,
        mms_id=_scalar(document.get("mms-id") or "", "request.mms-id"),
        custom_slides=tuple(_custom_slide(slide) for slide in slides),
    )


CUSTOM_SLIDE_HINT = 'write {"slide": 1, "message-text": "..."} for each'


def _custom_slide(slide: object) -> tuple[int, str]:
    number = slide.get("slide") if isinstance(slide, dict) else None
    text = slide.get("message-text") if isinstance(slide, dict) else None
    if isinstance(number, bool) or not isinstance(number, int) or not isinstance(text, str):
        problem = f"expected a slide number and a message-text, got {_json(slide, 'request')[:60]}"
        raise errors.PayloadError(problem, hint=CUSTOM_SLIDE_HINT, where="request.custom-slides")
    return number, _scalar(text, "request.custom-slides")
