"""Postbacks for the laws: values that can be written, documents that are nearly postbacks, and histories.

Few numbers, strings, codes and times, so that they meet in one row; and all that makes order matter if
anything can: missing, equal and future times, times around those of storage, vague strings beside precise
ones, repeats.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from planner.dialects import sinch_mms
from planner.messages import FILE_KINDS, Media, Message
from tests.cases import postbacks as recorded
from tests.properties.strategies import full_messages

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
"""What a field may hold; lone surrogates are refused, and a NUL is dropped."""
NUMERIC = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | NUMERIC
    | st.text(st.characters() | st.sampled_from("\x00\ud800"), max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)

# Postbacks as values.

CODES = (*sinch_mms.STATE_OF_CODE, "N999", "E7", "?")
STATUSES = (*sinch_mms.STATE_OF_STATUS, "", "Delivered", "Message Sent/Failed", "new word")
OPERATORS = ("", "31003", "310410", "0001570")
NUMBERS = ("15555550123", "15555550124", "447700900123")
STRINGS = ("", "Default", "iPhoneOS", "iOS", "Android-Mms/2.0", "SM-G900F", "motol7c", "é😀")
TIMES = ("", "2026-10-01T12:00:09Z", "2026-10-01T07:00:09-05:00", "2026-10-01", "20261001T120009Z")
UNKNOWN_FIELDS = st.dictionaries(TEXT.map("x-{}".format), JSON, max_size=2).map(
    lambda fields: tuple((name, json.dumps(value, sort_keys=True)) for name, value in fields.items())
)


@st.composite
def postbacks(draw) -> sinch_mms.Postback:
    """Every postback that an API could write: each known field with some text, unknown ones beside them."""
    free = dict.fromkeys(sinch_mms.FIELDS, TEXT)
    chosen = {
        "code": st.sampled_from(CODES),
        "origin": st.sampled_from(["", "MMS_MT", "MMS_MO"]),
        "status": st.sampled_from(STATUSES),
        "sent_as": st.sampled_from(["", "MMS", "SMS", "sms"]),
        "to": st.sampled_from(["", *NUMBERS]),
        "sender": st.sampled_from(["", "18885550100", "99999"]),
        "timestamp": st.sampled_from(TIMES),
        "operator_id": st.sampled_from(OPERATORS),
        "handset": st.sampled_from(STRINGS) | TEXT,
    }
    return sinch_mms.Postback(
        **{name: draw(text) for name, text in (free | chosen).items()}, extra=draw(UNKNOWN_FIELDS)
    )


@st.composite
def acknowledgements(draw) -> sinch_mms.Acknowledgement:
    texts = {name: draw(TEXT) for name in ("tracking_id", "mms_id", "to", "sender", "code", "info")}
    return sinch_mms.Acknowledgement(accepted=draw(st.booleans()), **texts, extra=draw(UNKNOWN_FIELDS))


def without_hints(message: Message) -> Message:
    """The message as the API sees it: of each file only its address."""

    def bare(slide):
        return replace(slide, **{kind: Media(file.url) for kind, file in slide.files(FILE_KINDS)})

    return replace(message, slides=tuple(map(bare, message.slides)))


@st.composite
def requests(draw) -> sinch_mms.Request:
    action = draw(st.sampled_from(sinch_mms.Action))
    message = without_hints(draw(full_messages()))
    if action is not sinch_mms.Action.SENDSAVEDMMS:
        return sinch_mms.Request(action, message)
    return sinch_mms.Request(
        action,
        replace(message, slides=()),
        mms_id=draw(TEXT),
        custom_slides=tuple(draw(st.lists(st.tuples(st.integers(1, 8), TEXT), max_size=3))),
    )


# Documents as they might arrive.

SPELLED = sorted(
    {
        spelling
        for name in (*sinch_mms.FIELDS.values(), "SPID", "status-details", "error-code", "error-info")
        for spelling in (name, name.upper(), name.replace("-", ""), name.replace("-", "_"), name + "-")
    }
)
PLAUSIBLE = st.sampled_from(
    [*CODES, *STATUSES, *OPERATORS, *NUMBERS, *STRINGS, *TIMES, "soon", "Success", "Failure"]
)
DOCUMENTS = JSON | st.dictionaries(
    st.sampled_from(SPELLED) | st.text(max_size=5), PLAUSIBLE | PLAUSIBLE | JSON | st.floats(), max_size=12
)
"""Any JSON, and objects with known names in every spelling, at times twice, with values right and wrong."""

NEARLY_POSTBACKS = st.builds(
    lambda code, number, rest: {"code": code, "to": number} | rest,
    st.sampled_from(CODES),
    st.sampled_from(NUMBERS),
    st.dictionaries(st.sampled_from(SPELLED) | st.text(max_size=5), PLAUSIBLE | PLAUSIBLE | JSON, max_size=8),
)
"""Most of these can be read, many of them with a field said twice."""

REQUEST_DOCUMENTS = st.fixed_dictionaries(
    {"action": st.sampled_from(["sendmms", "saveMMS", "SENDSAVEDMMS"]) | JSON},
    optional={
        "to": st.sampled_from(NUMBERS) | JSON,
        "mms-id": TEXT | JSON,
        "slide": st.lists(st.dictionaries(st.sampled_from(["message-text", "image", "x"]), TEXT | JSON))
        | JSON,
        "custom-slides": st.lists(st.fixed_dictionaries({"slide": NUMERIC, "message-text": TEXT | JSON}))
        | JSON,
        "odd": JSON,
    },
)


@st.composite
def damaged_bodies(draw) -> bytes:
    """A recorded postback with some bytes overwritten, cut out or put in."""
    body = bytearray(recorded.body(draw(st.sampled_from(recorded.names("postback")))))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        body[start : start + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(body)


# Histories.

MOMENTS = tuple(
    (NOW - timedelta(days=days, seconds=seconds)).astimezone(zone).isoformat()
    for days in (-0.5, 0, 1, 40, 500)
    for seconds in (0, 1)
    for zone in (UTC, timezone(timedelta(hours=-5)))
)
"""Long ago, and around the times of storage: a sender's clock may be up to a day ahead of ours."""
FUTURE = (NOW + timedelta(days=30)).isoformat()
"""Further ahead than any storage time of a test allows for: kept aside whenever it comes."""


@st.composite
def receipts(draw) -> dict:
    """One postback of the few that a small world can have."""
    code = draw(st.sampled_from(["N101", "N102", "N102", "N102", "N103", "E102", "N202", "N401", "X1"]))
    number = draw(st.sampled_from(NUMBERS))
    document = {
        "code": code,
        "to": number,
        "from": number if code == "N401" else "18885550100",
        "tracking-id": draw(st.sampled_from(["", "T1", "T2", "T3"])),
        "sent-as": draw(st.sampled_from(["MMS", "SMS", ""])),
        "status": draw(st.sampled_from(["Delivered", "Rejected", "Message Sent/Expired", ""])),
        "operator-id": draw(st.sampled_from(OPERATORS)),
        "timestamp": draw(st.sampled_from([*MOMENTS, "", "", "", FUTURE])),
        "handset": draw(st.sampled_from(STRINGS)),
        "os": draw(st.sampled_from(["", "", "iOS", "Android"])),
    }
    return {name: value for name, value in document.items() if value}


RECEIPTS = receipts()
RECORDED = st.sampled_from(recorded.receipts())
