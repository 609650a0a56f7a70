"""Content rules: what the API takes inside a message, and the code with which it refuses the rest.

`lint` checks a whole message and gives every finding at once, each with its place, what is wrong, what to
do and the API's own code for it. It opens no socket: what it must know of a file (size, type) comes from
the hints in the message, and where they are missing that is the fault `size_unknown`.

The six rules for types and extensions are the table `TYPE_RULES`, after the seed's text; the API checks in
two stages, validation (at once) and transcoding (later), and so does the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from posixpath import splitext
from typing import Any
from urllib.parse import SplitResult, urlsplit

from planner import errors, messages, msisdn, policies, texts
from planner.errors import Fault, Severity

SLIDES_MAX = 8
TEXT_LENGTH_MAX = 5000
SUBJECT_LENGTH_MAX, SUBJECT_LENGTH_ADVISED = 80, 40
CLIENT_REFERENCE_LENGTH_MAX = 64
SENDER_MASK_LENGTH_MAX = 50
DURATION_S_MAX = 60
EXPIRY_MAX = timedelta(days=3)
LINK_EXPIRATION_MAX = timedelta(days=365)


class MimeClass(StrEnum):
    """How a Content-Type stands to the kind of file that a slide announces."""

    SUPPORTED = "supported"
    OCTET_STREAM = "octet-stream"
    REFUSED = "refused"
    UNRECOGNISED = "unrecognised"


class ExtensionClass(StrEnum):
    """How the end of the address stands to the kind of file that a slide announces."""

    SUPPORTED = "supported"
    INVALID = "invalid"
    NONE = "none"


class Outcome(StrEnum):
    """What a stage does with a file; `IF_CONTENT`: it passes if the bytes are what the extension says."""

    PASS = "pass"  # noqa: S105 - the word of the rule, not a secret
    IF_CONTENT = "if_content"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class TypeRule:
    """What happens to a file of this type and extension in both stages, with the code of a refusal."""

    validation: Outcome
    transcoding: Outcome
    code: str = ""


_PASS = TypeRule(Outcome.PASS, Outcome.PASS)
TYPE_RULES: Mapping[tuple[MimeClass, ExtensionClass], TypeRule] = {
    (MimeClass.SUPPORTED, ExtensionClass.SUPPORTED): _PASS,
    (MimeClass.SUPPORTED, ExtensionClass.INVALID): _PASS,
    (MimeClass.SUPPORTED, ExtensionClass.NONE): _PASS,
    (MimeClass.OCTET_STREAM, ExtensionClass.SUPPORTED): TypeRule(Outcome.PASS, Outcome.IF_CONTENT),
    (MimeClass.OCTET_STREAM, ExtensionClass.INVALID): TypeRule(Outcome.FAIL, Outcome.FAIL, "E629"),
    (MimeClass.OCTET_STREAM, ExtensionClass.NONE): TypeRule(Outcome.FAIL, Outcome.FAIL, "E629"),
} | {
    (mime, extension): TypeRule(Outcome.FAIL, Outcome.FAIL, code)
    for mime, code in ((MimeClass.REFUSED, "E229"), (MimeClass.UNRECOGNISED, "E629"))
    for extension in ExtensionClass
}


@dataclass(frozen=True, slots=True)
class KindRule:
    """What the API knows of a kind of file, with its codes for too large and not fetched."""

    extensions: frozenset[str]
    types: frozenset[str]
    too_large: str
    not_fetched: str


def _kind(extensions: str, types: str, too_large: str, not_fetched: str) -> KindRule:
    return KindRule(frozenset(extensions.split()), frozenset(types.split()), too_large, not_fetched)


KIND_RULES: Mapping[str, KindRule] = {
    "image": _kind(".jpg .jpeg .png .gif", "image/jpg image/jpeg image/png image/gif", "E331", "E351"),
    "audio": _kind(
        ".mp3 .wav .amr",
        "audio/mp3 audio/mpeg audio/x-wave audio/x-wav audio/wav audio/wave audio/amr",
        "E332",
        "E352",
    ),
    "video": _kind(
        ".mp4 .mpg .mpeg .avi .wmv .mov .3gp",
        "video/mp4 video/mpeg video/mpg video/x-msvideo video/avi video/x-ms-wmv video/x-ms-asf"
        " video/quicktime video/3gpp video/3gp",
        "E333",
        "E353",
    ),
    "contact": _kind(".vcf .vcard", "text/vcard text/v-card text/x-vcard", "E335", "E355"),
    "calendar": _kind(".ics .ical .ifb .icalendar", "text/calendar", "E336", "E356"),
    "pdf": _kind(".pdf", "application/pdf application/x-pdf", "E337", "E357"),
    "excel": _kind(
        ".xls .xlsx",
        "application/vnd.ms-excel application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "E337",
        "E357",
    ),
}
WEBP = (".webp", "image/webp")
OCTET_STREAM = frozenset({"application/octet-stream", "binary/octet-stream"})

KNOWN_TYPES = frozenset().union(*(rule.types for rule in KIND_RULES.values())) | frozenset(
    [
        "text/plain",
        "text/html",
        "text/csv",
        "text/xml",
        "text/css",
        "text/x-vcalendar",
        "image/webp",
        "image/svg+xml",
        "image/tiff",
        "image/bmp",
        "image/x-ms-bmp",
        "image/heic",
        "image/heif",
        "image/avif",
        "image/x-icon",
        "audio/aac",
        "audio/mp4",
        "audio/ogg",
        "audio/flac",
        "audio/midi",
        "audio/webm",
        "audio/3gpp",
        "video/webm",
        "video/ogg",
        "video/x-matroska",
        "video/x-flv",
        "video/3gpp2",
        "application/json",
        "application/xml",
        "application/zip",
        "application/gzip",
        "application/msword",
        "application/rtf",
        "application/javascript",
        "application/smil",
        "application/vnd.apple.pkpass",
        "application/vnd.ms-powerpoint",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ]
)
"""Types that everybody knows: where one of them is not allowed the API says E229, of any other type E629."""


def mime_type(content_type: str) -> str:
    """Give the bare type of a Content-Type header, in small letters."""
    return content_type.partition(";")[0].strip().lower()


def mime_class(kind: str, content_type: str, policy: policies.Policy) -> MimeClass:
    """Tell how a Content-Type stands to the kind of file that a slide announces."""
    bare = mime_type(content_type)
    if bare in OCTET_STREAM:
        return MimeClass.OCTET_STREAM
    if bare in KIND_RULES[kind].types or (kind == "image" and policy.webp and bare == WEBP[1]):
        return MimeClass.SUPPORTED
    return MimeClass.REFUSED if bare in KNOWN_TYPES else MimeClass.UNRECOGNISED


def extension_class(kind: str, url: str, policy: policies.Policy) -> ExtensionClass:
    """Tell how the end of the address (without its query) stands to the kind of file."""
    extension = splitext(_split(url).path)[1].lower()
    if extension in {"", "."}:
        return ExtensionClass.NONE
    known = extension in KIND_RULES[kind].extensions or (
        kind == "image" and policy.webp and extension == WEBP[0]
    )
    return ExtensionClass.SUPPORTED if known else ExtensionClass.INVALID


def type_rule(kind: str, content_type: str, url: str, policy: policies.Policy) -> TypeRule:
    """Give the API's rule for a file: both stages, and the code of a refusal."""
    return TYPE_RULES[mime_class(kind, content_type, policy), extension_class(kind, url, policy)]


def check(
    message: messages.Message, policy: policies.Policy, *, fields: Iterable[str] = (), where: str = "message"
) -> None:
    """Raise `LintError` with all faults of a message that is about to be planned; warnings pass."""
    faults = tuple(f for f in lint(message, policy, fields=fields) if f.severity is Severity.FAULT)
    if faults:
        raise errors.LintError(faults, where=where)


def lint(
    message: messages.Message,
    policy: policies.Policy,
    *,
    fields: Iterable[str] | None = None,
    as_of: datetime | None = None,
    action: str = "sendmms",
) -> tuple[Fault, ...]:
    """Give every finding of a message: faults first, then warnings, each in reading order.

    `fields` are the names of the recipients' personal fields, where they are known; with `as_of` the two
    expiry times are compared with it.
    """
    findings = [*_lint_envelope(message, policy, action), *_lint_times(message, as_of)]
    if action != "sendsavedmms":
        findings += _lint_slides(message, policy)
    findings += _lint_texts(message, policy, fields)
    return tuple(sorted(findings, key=lambda f: f.severity is Severity.WARNING))


def lint_document(
    document: object,
    policy: policies.Policy,
    *,
    fields: Iterable[str] | None = None,
    as_of: datetime | None = None,
) -> tuple[Fault, ...]:
    """Lint JSON as it lies in a file, wrong shapes and wrong content together.

    A rule about a place that could not be read says nothing new and is left out.
    """
    message, shapes = messages.read(document)
    request: Mapping[str, Any] = document if isinstance(document, dict) else {}
    named = request.get("action", "sendmms")
    action = named.lower() if isinstance(named, str) else ""
    known = {"sendmms", "savemms", "sendsavedmms"}
    extra = []
    if action not in known:
        came = named if isinstance(named, str) else type(named)
        extra.append(_fault("action", f"one of {', '.join(sorted(known))}", came, "name one", "E107"))
    if action == "sendsavedmms" and not request.get("mms-id"):
        extra.append(
            Fault("mms-id", "expected the id of a saved template, got nothing", "save it first", "E620")
        )
    found = lint(message, policy, fields=fields, as_of=as_of, action=action if action in known else "sendmms")
    unread = tuple(fault.where for fault in shapes)
    fresh = (f for f in found if not any(_says_nothing_new(f, place) for place in unread))
    return (*shapes, *extra, *fresh) if "message" not in unread else shapes


def _says_nothing_new(fault: Fault, unread: str) -> bool:
    """Tell whether a finding only follows from a place that could not be read."""
    about_absence = fault.code in {"E313", "size_unknown"}
    return _inside(fault.where, unread) or (about_absence and _inside(unread, fault.where))


def _inside(where: str, place: str) -> bool:
    return where == place or where.startswith((f"{place}.", f"{place}["))


def _lint_envelope(message: messages.Message, policy: policies.Policy, action: str) -> Iterator[Fault]:
    """Rules about who sends to whom, and under which name."""
    sender = message.sender or policy.sender
    if message.to is not None and msisdn.normalise(message.to) is None:
        yield _fault(
            "to", "8 to 15 digits with a country code", message.to, "write it like 15551230000", "E110"
        )
    for number in (message.display_only or "").split(",") if message.display_only else ():
        if msisdn.normalise(number) is None:
            yield _fault(
                "to-displayonly", "numbers separated by commas", number, "write 15551230000,...", "E110"
            )
    if sender and not _is_sender(sender):
        yield _fault(
            "from", "a short code or a number with country code", sender, "use a provisioned sender", "E111"
        )
    if len(message.sender_mask or "") > SENDER_MASK_LENGTH_MAX:
        yield _too_long("from-mask", message.sender_mask or "", SENDER_MASK_LENGTH_MAX, "E115")
    if policy.service_id_required and not message.service_id and action != "savemms":
        yield Fault("service-id", "this account needs a service id, got none", "add service-id", "E627")
    if action == "savemms" and not (message.name or "").strip():
        yield Fault("name", "a template needs a name, got none", "add name", "E311")
    if len(message.client_reference or "") > CLIENT_REFERENCE_LENGTH_MAX:
        yield _too_long("client-reference", message.client_reference or "", CLIENT_REFERENCE_LENGTH_MAX)
    if (
        not message.disable_fallback
        and action != "sendsavedmms"
        and not (message.fallback_text or "").strip()
    ):
        advice = "add the text, or set disable-fallback-sms to true"
        yield Fault("fallback-sms-text", "fallback is on and needs a text, got none", advice, "E622")
    for key, _ in message.extra:
        yield _warning(key, "not a field of the API that we know; it is sent as it is", "check the spelling")


def _lint_times(message: messages.Message, as_of: datetime | None) -> Iterator[Fault]:
    """The two times in a message: readable, with a zone, and within what the API takes."""
    times = (
        ("mms-expiry-timestamp", message.expiry, EXPIRY_MAX),
        ("fallback-sms-link-expiration", message.fallback_link_expiration, LINK_EXPIRATION_MAX),
    )
    for where, text, longest in times:
        if text is None:
            continue
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            yield _fault(where, "a time with a zone", text, "write it like 2026-10-03T12:00:00Z")
        elif as_of is not None and not as_of < moment <= as_of + longest:
            yield _fault(where, f"a time within {longest.days} days from now", text, "choose a nearer time")


def _lint_slides(message: messages.Message, policy: policies.Policy) -> Iterator[Fault]:
    if not message.slides:
        yield Fault(
            "slide", "a message needs at least one slide, got none", "add a slide with text or a file", "E312"
        )
    if len(message.slides) > SLIDES_MAX:
        yield _fault(
            "slide", f"at most {SLIDES_MAX} slides", len(message.slides), "send two messages", "E225"
        )
    for number, slide in enumerate(message.slides, 1):
        yield from _lint_slide(slide, f"slide[{number}]")
        for kind, file in slide.files():
            yield from _lint_file(kind, file, f"slide[{number}].{kind}", policy)


def _lint_slide(slide: messages.Slide, where: str) -> Iterator[Fault]:
    """Which things may share a slide."""
    objects = [kind for kind, _ in slide.files(messages.OBJECT_KINDS)]
    media = [kind for kind, _ in slide.files(messages.MEDIA_KINDS)]
    if not objects and not media and not (slide.text or "").strip() and not slide.extra:
        yield Fault(where, "the slide is empty", "give it a text or a file, or remove it", "E313")
    if len(objects) > 1:
        yield _mix(where, " and ".join(objects), "one object", "E223")
    if objects and media:
        yield _mix(where, f"{objects[0]} and {' and '.join(media)}", "an object or media", "E224")
    if "audio" in media and "video" in media:
        yield _mix(where, "audio and video", "one of them", "E226")
    if "video" in media and "image" in media:
        yield _mix(where, "video and image", "one of them", "E227")
    if slide.duration_s is not None and not 1 <= slide.duration_s <= DURATION_S_MAX:
        yield _fault(
            f"{where}.duration", f"1 to {DURATION_S_MAX} seconds", slide.duration_s, "shorten it", "E230"
        )
    for key, _ in slide.extra:
        if key == "passbook":
            yield Fault(f"{where}.{key}", "passes are not taken any more", "send a link to it", "E229")
        else:
            yield _warning(
                f"{where}.{key}", "not a field of a slide that we know; sent as it is", "check the spelling"
            )


def _lint_file(kind: str, file: messages.Media, where: str, policy: policies.Policy) -> Iterator[Fault]:
    """One file: address, type and extension, size."""
    rule = KIND_RULES[kind]
    if problem := _url_problem(file.url):
        advice = "give the whole address: https://host/path"
        yield Fault(f"{where}.url", f"{problem}, got {_shown(file.url)}", advice, rule.not_fetched)
    elif file.content_type is not None:
        verdict = type_rule(kind, file.content_type, file.url, policy)
        if verdict.validation is Outcome.FAIL:
            allowed = ", ".join(sorted(rule.types))
            extension = extension_class(kind, file.url, policy)
            problem = f"expected one of {allowed} for {kind}, got {_shown(mime_type(file.content_type))}"
            advice = f"set the Content-Type header; the extension is {extension.value}"
            yield Fault(f"{where}.content-type", problem, advice, verdict.code)
    if kind == "excel" and not policy.excel:
        yield Fault(
            where, "Excel is not enabled for this account", "send a PDF, or set account.excel", "E229"
        )
    missing = [
        name for name, value in (("bytes", file.bytes), ("content-type", file.content_type)) if value is None
    ]
    if missing:
        advice = "add it beside the url; no socket is opened to find out"
        yield Fault(where, f"{' and '.join(missing)} of the file not given", advice, "size_unknown")
    if file.bytes is not None:
        limit = policy.file_limit("gif" if kind == "image" and _is_gif(file) else kind)
        if file.bytes > limit:
            problem = f"expected at most {limit} bytes for {kind}, got {file.bytes}"
            yield Fault(f"{where}.bytes", problem, "make the file smaller", rule.too_large)
        if file.bytes == 0:
            yield _warning(f"{where}.bytes", "the file is empty", "check the address")
    if kind == "image" and policy.transcoding != "off" and not (file.width and file.height):
        yield _warning(where, "without width and height it is never planned smaller", "add both, in pixels")
    if kind in {"audio", "video"} and policy.transcoding == "on" and not file.seconds:
        yield _warning(where, "without its seconds it is never planned smaller", "add seconds")


def _is_gif(file: messages.Media) -> bool:
    """Tell whether the smaller limit of animations holds."""
    bare = mime_type(file.content_type or "")
    return bare == "image/gif" or (bare in OCTET_STREAM and _split(file.url).path.lower().endswith(".gif"))


def _lint_texts(
    message: messages.Message, policy: policies.Policy, fields: Iterable[str] | None
) -> Iterator[Fault]:
    """Lengths of texts, and personal fields that nobody has."""
    for number, slide in enumerate(message.slides, 1):
        if len(slide.text or "") > TEXT_LENGTH_MAX:
            yield _too_long(f"slide[{number}].message-text", slide.text or "", TEXT_LENGTH_MAX, "E334")
    if len(message.fallback_text or "") > TEXT_LENGTH_MAX:
        yield _too_long("fallback-sms-text", message.fallback_text or "", TEXT_LENGTH_MAX, "E334")
    subject = message.subject or ""
    if len(subject) > SUBJECT_LENGTH_MAX:
        yield _too_long("message-subject", subject, SUBJECT_LENGTH_MAX, "E314")
    elif len(subject) > SUBJECT_LENGTH_ADVISED:
        yield _warning(
            "message-subject", f"{len(subject)} characters; phones cut after 40", "shorten the subject"
        )
    if not subject.isascii():
        yield _warning(
            "message-subject", "carriers may refuse emoji and accents in subjects", "use plain letters"
        )
    if message.fallback_text and not message.disable_fallback:
        link = "" if message.disable_fallback_link else " " + "x" * policy.own_link_length
        if len(parts := texts.segment(message.fallback_text + link)) > 1:
            yield _warning(
                "fallback-sms-text", f"with its link about {len(parts)} SMS parts", "shorten the text"
            )
    for name in sorted(set(message.fields()) - set(fields or ())):
        place = "{{" + name + "}}"
        if fields is None:
            yield _warning(place, "every recipient needs a field of that name", "give it when you plan")
        else:
            yield Fault(place, "no recipient has a field of that name", "give the field, or fix the name")


def _url_problem(url: str) -> str:
    if url != url.strip() or any(char.isspace() or ord(char) < 32 for char in url):
        return "expected a complete address without blanks"
    parts = _split(url)
    if parts.scheme not in {"http", "https"}:
        return "expected a complete address with http or https"
    if not parts.hostname or not parts.path or not (parts.path.strip("/") or parts.query):
        return "expected a complete address with host and path"
    return ""


def _split(url: str) -> SplitResult:
    """Split an address; one with an impossible host or port has no parts."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return urlsplit("")
    return parts


def _is_sender(sender: str) -> bool:
    return (sender.isascii() and sender.isdigit() and len(sender) in {5, 6}) or msisdn.normalise(
        sender
    ) is not None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:80] + "..."


def _fault(where: str, expected: str, came: object, advice: str, code: str = "") -> Fault:
    return Fault(where, f"expected {expected}, got {_shown(came)}", advice, code)


def _too_long(where: str, text: str, longest: int, code: str = "") -> Fault:
    return Fault(where, f"expected at most {longest} characters, got {len(text)}", "shorten it", code)


def _mix(where: str, came: str, expected: str, code: str) -> Fault:
    return Fault(
        where, f"expected {expected} in a slide, got {came}", "move the rest to a slide of its own", code
    )


def _warning(where: str, problem: str, advice: str) -> Fault:
    return Fault(where, problem, advice, severity=Severity.WARNING)
