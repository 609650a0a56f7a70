"""What the laws are tried with: every value that the domain can meet, and some that only a test would build.

Sizes are small or lie around the limits, and strings come from few letters, so that things collide.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from planner.handsets import LimitedBy, Profile, State
from planner.messages import FILE_KINDS, OBJECT_KINDS, Media, Message, Slide
from planner.msisdn import Msisdn
from planner.observations import Observation, Source
from planner.policies import RULE_KINDS, Form, OsClass, Policy, RawBytes, WireBytes, wire_size

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NUMBER = Msisdn("15551230000")
KNOWN_CLASSES = (OsClass.IOS, OsClass.ANDROID, OsClass.OTHER)


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


# Texts.

LETTER = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
TEXT = st.text(LETTER, max_size=12)
GSM_EXTENSION = "\f^{}\\[~]|€"
GSM_LETTERS = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
) + GSM_EXTENSION * 6
GSM_TEXT = st.text(GSM_LETTERS, min_size=1)
WIDE_TEXT = st.text("aé€ПЖ漢字😀👩🏽\u200d", min_size=1)


@st.composite
def repeated(draw, text: st.SearchStrategy[str]) -> str:
    """Texts of several SMS parts, which a strategy for texts does not find by itself."""
    head, body, length = draw(text), draw(text), draw(st.integers(0, 330))
    return head + (body * length)[:length]


SMS_TEXT = repeated(GSM_TEXT) | repeated(WIDE_TEXT) | repeated(st.text(LETTER, min_size=1))
LINK = st.builds(
    "{}{}".format, st.sampled_from(["", "https://m.example.com/m/"]), st.text("abc123", max_size=43)
)

# JSON and API requests.

ANY_STRING = st.text(max_size=8)  # lone surrogates included
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters() | st.sampled_from("\x00\ud800"), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_STRING, inner, max_size=4),
)
CLEAN_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def mostly(right: st.SearchStrategy) -> st.SearchStrategy:
    return right | right | JSON


def requests(
    field: Callable[[st.SearchStrategy], st.SearchStrategy], odd: st.SearchStrategy
) -> st.SearchStrategy:
    """API requests; `field` makes the strategy of a field from the right one, `odd` is what nobody knows."""
    file = {
        "url": field(st.just("https://media.example.com/a.jpg") | TEXT),
        "bytes": field(st.integers(0, 10**7)),
        "content-type": field(st.sampled_from(["image/jpeg", "text/vcard", "application/pdf"])),
        "width": field(st.integers(1, 4000)),
        "height": field(st.integers(1, 4000)),
        "seconds": field(st.integers(1, 600) | st.floats(0.1, 600)),
    }
    files = field(st.fixed_dictionaries({}, optional=file))
    slide = {"message-text": field(TEXT), "duration": field(st.integers(0, 90)), "odd": odd}
    slides = field(st.fixed_dictionaries({}, optional=slide | dict.fromkeys(FILE_KINDS, files)))
    request = {
        "action": field(st.sampled_from(["sendmms", "saveMMS", "sendsavedmms"])),
        "to": field(st.sampled_from(["15551230000", 15551230000])),
        "from": field(st.just(61234)),
        "message-subject": field(TEXT),
        "fallback-sms-text": field(TEXT),
        "disable-fallback-sms": field(st.booleans()),
        "cache-content": field(st.booleans()),
        "mms-expiry-timestamp": field(st.datetimes().map(datetime.isoformat) | TEXT),
        "to-displayonly": field(TEXT),
        "mms-id": odd,
        "odd": odd,
        "slide": field(st.lists(slides, max_size=10)),
    }
    return st.fixed_dictionaries({}, optional=request)


DOCUMENT = requests(mostly, JSON)
"""Nearly an API request: most fields right, some wrong in any way that JSON can be wrong."""

# Messages.

CONTENT_TYPES = ("audio/amr", "audio/mpeg", "image/gif", "Video/MP4; q=1", "text/vcard")
EXTRA = st.dictionaries(TEXT.map("x-{}".format), CLEAN_JSON, max_size=2).map(
    lambda extra: tuple((key, json.dumps(value, sort_keys=True)) for key, value in extra.items())
)
TEXT_FIELDS = (
    "to", "service_id", "name", "client_reference", "fallback_link_expiration", "expiry", "display_only",
    "sender_mask",
)  # fmt: skip


@st.composite
def media(draw, sizes=None) -> Media:
    return Media(
        url=draw(st.just("https://media.example.com/file") | TEXT),
        bytes=draw(maybe(st.integers(0, 2_000_000)) if sizes is None else sizes),
        content_type=draw(maybe(st.sampled_from(CONTENT_TYPES) | TEXT)),
        width=draw(st.sampled_from([None, 1, 640, 3000])),
        height=draw(st.sampled_from([None, 1, 480, 3000])),
        seconds=draw(st.sampled_from([None, 1, 2.5, 30])),
    )


@st.composite
def slides(draw, sizes=None) -> Slide:
    kinds = draw(
        st.lists(st.sampled_from(FILE_KINDS), min_size=draw(st.integers(0, 1)), max_size=2, unique=True)
    )
    return Slide(text=draw(maybe(TEXT)), **{kind: draw(media(sizes)) for kind in kinds})


@st.composite
def messages(draw, slide=None, min_slides=0, max_slides=8) -> Message:
    """Messages that can be read, whether the API takes what is inside or not."""
    return Message(
        slides=draw(st.lists(slides() if slide is None else slide, min_size=min_slides, max_size=max_slides)),
        fallback_text=draw(maybe(TEXT)),
        subject=draw(maybe(TEXT)),
        sender=draw(maybe(st.sampled_from(["61234", "18885550100", "15555550100"]))),
        disable_fallback=draw(st.booleans()),
        disable_fallback_link=draw(st.booleans()),
    )


@st.composite
def full_messages(draw) -> Message:
    """Messages in which every field may be there, unknown ones included."""
    message = draw(messages(max_slides=4))
    changed = [
        replace(slide, duration_s=draw(maybe(st.integers(0, 90))), extra=draw(EXTRA))
        for slide in message.slides
    ]
    return replace(
        message,
        slides=changed,
        cache_content=draw(maybe(st.booleans())),
        extra=draw(EXTRA),
        **{name: draw(maybe(TEXT)) for name in TEXT_FIELDS},
    )


# Policies and profiles.

CELLS = st.tuples(st.sampled_from(OsClass), st.sampled_from(RULE_KINDS))
RULES = st.dictionaries(CELLS, st.sampled_from(Form), max_size=6).map(
    lambda table: tuple((*cell, form) for cell, form in table.items())
)
VALUES = st.dictionaries(st.sampled_from(RULE_KINDS), st.integers(0, 9)).map(
    lambda table: tuple(table.items())
)


@st.composite
def policies(draw) -> Policy:
    return Policy(
        name=draw(TEXT),
        rule=draw(RULES),
        evidence=draw(st.sampled_from(["class", "device"])),
        links=draw(st.sampled_from(["api", "own"])),
        link_host=draw(st.sampled_from(["", "m.example.com", "http://l.example/x/"])),
        link_length=draw(st.integers(20, 67)),
        sms_route=draw(st.sampled_from(["none", "sms_api"])),
        values=draw(VALUES),
        tight_fit_share=draw(st.sampled_from([0, 0.02, 0.5, 1])),
        transcoding=draw(st.sampled_from(["on", "on", "images", "off"])),
        image_floor_bytes=draw(st.sampled_from([0, 1, 10_000])),
        image_floor_bytes_per_pixel=draw(st.sampled_from([0, 0.15, 1])),
        video_floor_bytes_per_second=draw(st.sampled_from([0, 1, 12_500])),
        audio_floor_bytes_per_second=draw(st.sampled_from([0, 1, 1_500])),
        sender=draw(st.sampled_from(["", "61234"])),
        message_raw_bytes_max=draw(st.sampled_from([None, None, None, 0, 300_000])),
    )


ACCEPTS = st.just(()) | st.tuples(*(st.tuples(st.just(kind), maybe(st.booleans())) for kind in RULE_KINDS))
LIMITS = st.integers(0, 3_000_000)


@st.composite
def profiles(draw, limits=LIMITS) -> Profile:
    state = draw(st.sampled_from([State.KNOWN, State.KNOWN, State.KNOWN, *State]))
    if state is State.KNOWN:
        candidates = (draw(st.sampled_from(KNOWN_CLASSES)),)
    elif state is State.CONFLICT and draw(st.booleans()):
        candidates = tuple(
            draw(st.lists(st.sampled_from(KNOWN_CLASSES), min_size=2, max_size=3, unique=True))
        )
    else:
        candidates = (OsClass.UNKNOWN,)
    return Profile(
        os_class=candidates[0],
        state=state,
        candidates=candidates,
        limit=WireBytes(draw(limits)),
        limited_by=draw(st.sampled_from([LimitedBy.DEVICE, LimitedBy.CARRIER])),
        accepts=() if candidates[0] is OsClass.UNKNOWN else draw(ACCEPTS),
        carrier_refuses=frozenset(draw(st.sets(st.sampled_from(OBJECT_KINDS)))),
        handset_takes_mms=draw(st.sampled_from([None, True, True, True, True, False])),
        carrier_takes_mms=draw(st.sampled_from([None, True, True, True, True, False])),
    )


# Cases: a message, a profile and a policy that have something to do with each other.


def weight(message: Message) -> int:
    """The raw bytes of all texts and files together."""
    texts = sum(len((slide.text or "").encode()) for slide in message.slides)
    return texts + sum(file.bytes or 0 for slide in message.slides for _, file in slide.files())


@st.composite
def cases(draw, sizes=None, **kwargs) -> tuple[Message, Profile, Policy]:
    """Anything; mostly the limit lies near what the message weighs."""
    message = draw(messages(slides(sizes), **kwargs))
    near = st.integers(1, 18).map(lambda tenths: wire_size(RawBytes(weight(message) * tenths // 10 + 100)))
    return message, draw(profiles(near | near | LIMITS)), draw(policies())


SIZES = st.integers(0, 2_000_000) | st.integers(0, 2_000)
"""Sizes of files for cases in which every size is known."""

SMALL_OBJECT = st.builds(Media, st.just("u"), bytes=st.integers(0, 60))
SMALL_MEDIA = st.builds(
    Media,
    st.just("u"),
    bytes=st.integers(0, 6),
    width=st.just(1),
    height=st.just(1),
    seconds=st.integers(1, 3),
)
SMALL_SLIDE = (
    st.builds(Slide, contact=SMALL_OBJECT)
    | st.builds(Slide, calendar=SMALL_OBJECT, text=st.just("abc"))
    | st.builds(Slide, pdf=SMALL_OBJECT)
    | st.builds(Slide, excel=SMALL_OBJECT)
    | st.builds(Slide, image=SMALL_MEDIA)
    | st.builds(Slide, image=SMALL_MEDIA, audio=SMALL_MEDIA)
    | st.builds(Slide, video=SMALL_MEDIA)
)


@st.composite
def small_cases(draw) -> tuple[Message, Profile, Policy]:
    """A message of few bytes, small enough to try everything, and a limit that makes the choice hard."""
    message = draw(messages(SMALL_SLIDE, min_slides=2, max_slides=4))
    policy = replace(
        draw(policies()),
        image_floor_bytes=draw(st.integers(0, 3)),
        image_floor_bytes_per_pixel=0,
        video_floor_bytes_per_second=1,
        audio_floor_bytes_per_second=1,
        link_host="",
        link_length=20,
        message_raw_bytes_max=None,
    )
    objects = [file.bytes for slide in message.slides for _, file in slide.files(OBJECT_KINDS)]
    least = weight(message) - sum(max(size - 21, 0) for size in objects) - 8
    most = weight(message) + 21 * len(objects)
    profile = draw(profiles(st.integers(max(least, 0), most).map(wire_size)))
    return message, replace(profile, handset_takes_mms=True, carrier_takes_mms=None), policy


# Observations.

STRINGS = (
    "Android-Mms/2.0",
    "SAMSUNG-ANDROID-MMS/SM-G900F",
    "iPhoneOS/4.2.1",
    "Nokia6230/2.0",
    "",
    "Default",
)
MOMENTS = st.integers(0, 6).map(lambda steps: NOW - timedelta(days=80 * steps))


@st.composite
def observations(draw) -> Observation:
    """Facts about one number that collide in every way; one without a time is stored at `NOW`."""
    return Observation(
        number=NUMBER,
        source=draw(st.sampled_from(Source)),
        string=draw(st.sampled_from(STRINGS)),
        observed_at=draw(maybe(MOMENTS)),
        operator_id=draw(st.sampled_from(["", "31002", "31003"])),
    ).settled(NOW)
