"""Messages: what is to be sent, in the shape of the API's own JSON.

A message has a subject, one to eight slides and a fallback text. A slide holds text and at most a few
files: media (image, audio, video) or one object (contact, calendar, PDF, Excel). Beside its address a
file may carry what is known of it (size in bytes, type, pixels, seconds); those hints never reach the API.

Reading checks shapes and types only and reports all of them together; what the API allows inside a
message is the matter of `content`. Fields that we do not know are kept and sent on, since the API's
documentation exists in several generations.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from planner import errors, texts

OBJECT_KINDS = ("contact", "calendar", "pdf", "excel")
MEDIA_KINDS = ("image", "audio", "video")
FILE_KINDS = (*MEDIA_KINDS, *OBJECT_KINDS)

DEPTH_MAX = 32
"""Levels of lists and objects in a field that we do not know; what Python can nest depends on who calls."""

FILE_BYTES_MAX = 1_000_000
"""A message file is a page of JSON; one that is larger is something else."""


@dataclass(frozen=True, slots=True)
class Media:
    """A file that a slide refers to, with what is known about it.

    `bytes` is the raw size; `width` and `height` are pixels; `seconds` is the playing time.
    """

    url: str
    bytes: int | None = None
    content_type: str | None = None
    width: int | None = None
    height: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        """Check the values, and make 12 and 12.0 seconds one value, with one JSON and so one hash."""
        _require(self, MEDIA_FIELDS)
        if self.seconds is not None:
            object.__setattr__(self, "seconds", float(self.seconds))


@dataclass(frozen=True, slots=True)
class Slide:
    """One page of a message. Which combinations the API takes is checked by `content`, not here."""

    text: str | None = None
    image: Media | None = None
    audio: Media | None = None
    video: Media | None = None
    contact: Media | None = None
    calendar: Media | None = None
    pdf: Media | None = None
    excel: Media | None = None
    duration_s: int | None = None
    extra: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Check the values."""
        _require(self, SLIDE_FIELDS)
        for kind, file in self.files():
            if not isinstance(file, Media):
                raise errors.InputError(f"expected a Media, got {file!r:.60}", where=f"Slide.{kind}")

    def files(self, kinds: Sequence[str] = FILE_KINDS) -> Iterator[tuple[str, Media]]:
        """Give (kind, file) for each file of the slide, in the order of `kinds`."""
        for kind in kinds:
            if (file := getattr(self, kind)) is not None:
                yield kind, file


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be sent, without saying to whom (`to` is only what a file happened to say).

    `sender` is the API's `from`. `extra` holds unknown fields as (name, JSON text).
    """

    slides: Sequence[Slide] = ()
    fallback_text: str | None = None
    subject: str | None = None
    sender: str | None = None
    to: str | None = None
    service_id: str | None = None
    name: str | None = None
    client_reference: str | None = None
    disable_fallback: bool = False
    disable_fallback_link: bool = False
    fallback_link_expiration: str | None = None
    expiry: str | None = None
    display_only: str | None = None
    sender_mask: str | None = None
    cache_content: bool | None = None
    extra: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Check the values, and let callers pass a list of slides."""
        _require(self, MESSAGE_FIELDS)
        object.__setattr__(self, "slides", tuple(self.slides))
        for number, slide in enumerate(self.slides, 1):
            if not isinstance(slide, Slide):
                hint = 'wrap it: Slide(text="...")'
                raise errors.InputError(
                    f"expected a Slide, got {slide!r:.60}", hint=hint, where=f"slides[{number}]"
                )

    @classmethod
    def from_file(cls, path: str | Path) -> Message:
        """Read a message file; raise `InputError` or `LintError` that names the file."""
        return cls.from_dict(read_json(path), where=str(path))

    @classmethod
    def from_dict(cls, document: object, *, where: str = "message") -> Message:
        """Read the API's own JSON; raise `LintError` with every wrong shape or type in it."""
        message, faults = read(document)
        if faults:
            raise errors.LintError(faults, where=where)
        return message

    def to_dict(self, *, hints: bool = True) -> dict[str, Any]:
        """Give the API's own JSON; with `hints`, also what is known about the files."""
        defaults = {field.name: field.default for field in fields(self)}
        found = {key: (getattr(self, name), defaults[name]) for key, (name, _) in MESSAGE_FIELDS.items()}
        document = {key: value for key, (value, default) in found.items() if value != default}
        document |= {key: json.loads(value) for key, value in self.extra}
        document["slide"] = [_slide_to_dict(slide, hints=hints) for slide in self.slides]
        return document

    @property
    def hash(self) -> str:
        """A short fingerprint of the content: equal messages have it, whoever they go to."""
        document = replace(self, to=None, client_reference=None).to_dict()
        canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    @property
    def personal_texts(self) -> tuple[str, ...]:
        """Every text that may hold `{{name}}` fields: subject, fallback text, slide texts."""
        return tuple(t for t in (self.subject, self.fallback_text, *(s.text for s in self.slides)) if t)

    def fields(self) -> tuple[str, ...]:
        """The names of the personal fields in the message."""
        return texts.fields_of("\n".join(self.personal_texts))

    def personal(self, fields: Mapping[str, str]) -> Message:
        """Give the message with the recipient's fields in its texts."""
        if not fields:
            return self
        slides = (
            replace(s, text=None if s.text is None else texts.fill(s.text, fields)) for s in self.slides
        )
        return replace(
            self,
            slides=tuple(slides),
            subject=None if self.subject is None else texts.fill(self.subject, fields),
            fallback_text=None if self.fallback_text is None else texts.fill(self.fallback_text, fields),
        )


def read_json(path: str | Path) -> object:
    """Read one JSON document from a file; raise `InputError` that says what is wrong with it."""
    where = str(path)
    try:
        with Path(path).open("rb") as file:
            body = file.read(FILE_BYTES_MAX + 1)
    except IsADirectoryError:
        raise errors.InputError(
            "expected a file, got a directory", hint="name the JSON file in it", where=where
        ) from None
    except FileNotFoundError:
        raise errors.InputError("no such file", hint="check the path", where=where) from None
    except (OSError, ValueError) as error:
        raise errors.InputError(
            f"cannot be read: {error}", hint="check the path and its rights", where=where
        ) from None
    if len(body) > FILE_BYTES_MAX:
        problem = f"expected at most {FILE_BYTES_MAX} bytes of JSON, got more"
        raise errors.InputError(problem, hint="files are named by URL, not put inside", where=where)
    return parse_json(body, where=where)


def parse_json(body: bytes | str, *, where: str) -> object:
    """Parse JSON strictly (UTF-8, no NaN, no runaway depth or digits); raise `InputError` with the place."""
    try:
        text = body.decode("utf-8-sig") if isinstance(body, bytes) else body
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise errors.InputError(
            f"expected JSON in UTF-8, got something else: {reason}",
            hint="check the file with a JSON tool",
            where=where,
        ) from None


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not a JSON value")


# Reading: each field has a reader that gives the value, or None and a fault.

Reader = Callable[[object], object]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text")
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise TypeError("a text without NUL and lone surrogates")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return value


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise TypeError("a whole number, 0 or more")
    return value


def _pixels(value: object) -> int:
    if _count(value) == 0:
        raise TypeError("a whole number of pixels, 1 or more")
    return _count(value)


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
        raise TypeError("a number of seconds above 0")
    return value


def _digits(value: object) -> str:
    """Numbers and ids may come as JSON numbers; people write them so."""
    return str(_count(value)) if isinstance(value, int) and not isinstance(value, bool) else _text(value)


def _json(value: object) -> str:
    """Give an unknown value as JSON text; it is kept and sent on, so it must be JSON all through."""
    level = [value]
    for _ in range(DEPTH_MAX):
        level = [inner for outer in level for inner in _parts(outer)]
        if not level:
            return json.dumps(value, sort_keys=True)
    raise TypeError(f"at most {DEPTH_MAX} levels of lists and objects")


def _parts(value: object) -> Iterable[object]:
    """Check one JSON value and give what it holds."""
    if isinstance(value, str):
        _text(value)
    elif isinstance(value, int | float) and not -1e300 < value < 1e300:
        raise TypeError("a number of at most 300 digits")
    elif isinstance(value, dict):
        return (*map(_text, value), *value.values())
    elif value is not None and not isinstance(value, int | float | list):
        raise TypeError("a JSON value")
    return value if isinstance(value, list) else ()


MESSAGE_FIELDS: Mapping[str, tuple[str, Reader]] = {
    "to": ("to", _digits),
    "from": ("sender", _digits),
    "service-id": ("service_id", _digits),
    "name": ("name", _text),
    "message-subject": ("subject", _text),
    "fallback-sms-text": ("fallback_text", _text),
    "disable-fallback-sms": ("disable_fallback", _flag),
    "disable-fallback-sms-link": ("disable_fallback_link", _flag),
    "fallback-sms-link-expiration": ("fallback_link_expiration", _text),
    "mms-expiry-timestamp": ("expiry", _text),
    "client-reference": ("client_reference", _text),
    "to-displayonly": ("display_only", _text),
    "from-mask": ("sender_mask", _text),
    "cache-content": ("cache_content", _flag),
}
SLIDE_FIELDS: Mapping[str, tuple[str, Reader]] = {
    "message-text": ("text", _text),
    "duration": ("duration_s", _count),
}
MEDIA_FIELDS: Mapping[str, tuple[str, Reader]] = {
    "url": ("url", _text),
    "bytes": ("bytes", _count),
    "content-type": ("content_type", _text),
    "width": ("width", _pixels),
    "height": ("height", _pixels),
    "seconds": ("seconds", _seconds),
}
NOT_CONTENT = frozenset({"action", "slide", "mms-id", "custom-slides"})
"""Fields of a request that say what to do with a message; the dialect reads them."""


def read(document: object) -> tuple[Message, tuple[errors.Fault, ...]]:
    """Read the API's own JSON as far as it can be read, with a fault for each wrong shape or type."""
    if not isinstance(document, dict):
        return Message(), (_shape("message", "a JSON object", document),)
    faults: list[errors.Fault] = []
    values, unknown = _read_fields(document, MESSAGE_FIELDS, "", faults, skip=NOT_CONTENT)
    slides = document.get("slide", [])
    if not isinstance(slides, list):
        faults.append(_shape("slide", "a list of slides", slides))
        slides = []
    slides_read = tuple(_read_slide(slide, f"slide[{n}]", faults) for n, slide in enumerate(slides, 1))
    return Message(slides=slides_read, extra=unknown, **values), tuple(faults)


def _read_slide(document: object, where: str, faults: list[errors.Fault]) -> Slide:
    if not isinstance(document, dict):
        faults.append(_shape(where, "an object with text or files", document))
        return Slide()
    values, unknown = _read_fields(document, SLIDE_FIELDS, where + ".", faults, skip=frozenset(FILE_KINDS))
    files: dict[str, Any] = {
        kind: _read_media(document[kind], f"{where}.{kind}", faults)
        for kind in FILE_KINDS
        if document.get(kind) is not None
    }
    return Slide(**values, **files, extra=unknown)


def _read_media(document: object, where: str, faults: list[errors.Fault]) -> Media:
    if not isinstance(document, dict):
        faults.append(_shape(where, 'an object like {"url": "https://..."}', document))
        return Media("")
    values, unknown = _read_fields(document, MEDIA_FIELDS, where + ".", faults)
    for key, _ in unknown:
        faults.append(
            errors.Fault(f"{where}.{key}", "unknown field of a file", f"known are {', '.join(MEDIA_FIELDS)}")
        )
    if document.get("url") is None:
        faults.append(
            errors.Fault(f"{where}.url", "expected the address of the file, got nothing", "add a url")
        )
    return Media(**{"url": "", **values})


def _read_fields(
    document: Mapping[str, object],
    table: Mapping[str, tuple[str, Reader]],
    prefix: str,
    faults: list[errors.Fault],
    skip: frozenset[str] = frozenset(),
) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """Read the known fields into values by attribute name; give the unknown ones as (name, JSON text)."""
    values: dict[str, Any] = {}
    unknown: list[tuple[str, str]] = []
    for key, value in document.items():
        if key in skip or (value is None and key in table):
            continue
        try:
            if key in table:
                name, read = table[key]
                values[name] = read(value)
            else:
                unknown.append((_text(key), _json(value)))
        except TypeError as expected:
            faults.append(_shape(prefix + _printable(key), str(expected), value))
    return values, tuple(unknown)


def _printable(key: object) -> str:
    """Give the name of a field as any screen and log can show it."""
    return str(key).encode("ascii", "backslashreplace").decode()[:80]


def _require(value: Message | Slide | Media, table: Mapping[str, tuple[str, Reader]]) -> None:
    """Read the fields of a value built by hand as those of a document; None only where it may be absent."""
    optional = {field.name for field in fields(value) if field.default is None}
    for name, read in table.values():
        if (came := getattr(value, name)) is None and name in optional:
            continue
        try:
            object.__setattr__(value, name, read(came))
        except TypeError as expected:
            where = f"{type(value).__name__}.{name}"
            raise errors.InputError(f"expected {expected}, got {came!r:.60}", where=where) from None


def _shape(where: str, expected: str, came: object) -> errors.Fault:
    try:
        shown = json.dumps(came, ensure_ascii=True, default=str)
    except (TypeError, ValueError, RecursionError):  # Not JSON, of too many digits, or too deep.
        shown = f"a {type(came).__name__}"
    shown = shown if len(shown) <= 60 else shown[:60] + "..."
    return errors.Fault(where, f"expected {expected}, got {shown}", "see the API's own JSON")


def _slide_to_dict(slide: Slide, *, hints: bool) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for kind, file in slide.files():
        keys = MEDIA_FIELDS if hints else ("url",)
        found = {key: getattr(file, MEDIA_FIELDS[key][0]) for key in keys}
        document[kind] = {key: value for key, value in found.items() if value is not None}
    if slide.text is not None:
        document["message-text"] = slide.text
    if slide.duration_s is not None:
        document["duration"] = slide.duration_s
    return document | {key: json.loads(value) for key, value in slide.extra}
