"""Plans: what was decided for one recipient, with a reason for every choice.

A plan is a value: it compares, pickles, goes to JSON and comes back. The body for the API (`request`)
and the plan in words (`explain()`) are built only when asked for. Where a link of our own will stand, the
plan holds a placeholder of the final length, `{link:2}` for slide 2 and `{link:page}` for the whole
message, since tokens are minted when a message is sent; so the same plan is made of the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from planner import errors, messages, texts
from planner.handsets import LimitedBy, State
from planner.observations import in_utc
from planner.policies import Form, OsClass, Policy

SCHEMA = 1
PLACEHOLDER_FILL = "-"
MARK = re.compile(r"\{link:(page|[1-9])\}-*")
"""A placeholder with its fill, to be replaced as a whole."""


class Channel(StrEnum):
    """How a message reaches the phone."""

    MMS = "mms"
    SMS = "sms"
    NONE = "none"


class Via(StrEnum):
    """Which call carries it out; `text_mms` is a text-only MMS where no SMS route is configured."""

    MMS = "mms"
    SMS_API = "sms_api"
    TEXT_MMS = "text_mms"


class By(StrEnum):
    """Who makes the form of an object so: the API by its own rule, or we with a link of our own."""

    API = "api"
    PLANNER = "planner"


class Action(StrEnum):
    """What happens to a media file."""

    KEEP = "keep"
    REDUCE = "reduce"


class Reason(StrEnum):
    """Why something was decided; the same words on every surface."""

    SEED_IOS = "seed_ios"
    SEED_ANDROID = "seed_android"
    SEED_OTHER = "seed_other"
    SEED_UNKNOWN = "seed_unknown"
    POLICY_RULE = "policy_rule"
    STALE = "stale"
    CONFLICT = "conflict"
    NO_EVIDENCE = "no_evidence"
    DEVICE_ACCEPTS = "device_accepts"
    DEVICE_REFUSES = "device_refuses"
    CARRIER_REFUSES_TYPE = "carrier_refuses_type"
    FITS = "fits"
    TIGHT_FIT = "tight_fit"
    REDUCED = "reduced"
    MOVED_FOR_SIZE = "moved_for_size"
    TOO_LARGE = "too_large"
    VIDEO_CANNOT_SHRINK = "video_cannot_shrink"
    NO_MMS_HANDSET = "no_mms_handset"
    NO_MMS_CARRIER = "no_mms_carrier"
    FALLBACK_DISABLED = "fallback_disabled"
    SUPPRESSED = "suppressed"
    BAD_NUMBER = "bad_number"
    SIZE_UNKNOWN = "size_unknown"
    STORE_UNAVAILABLE = "store_unavailable"


WORDS: Mapping[Reason, str] = {
    Reason.SEED_IOS: "iOS phones take contact, calendar and PDF as attachments",
    Reason.SEED_ANDROID: "Android phones take a contact as attachment, calendar and PDF as links",
    Reason.SEED_OTHER: "other known phones get links for all objects",
    Reason.SEED_UNKNOWN: "an unknown phone gets the contact attached, calendar and PDF as links",
    Reason.POLICY_RULE: "the policy's own rule says so, where the API's rule says otherwise",
    Reason.STALE: "what was known of this phone is too old to trust",
    Reason.CONFLICT: "sources disagree about this phone, so only what every candidate takes is attached",
    Reason.NO_EVIDENCE: "nothing is known of this phone",
    Reason.DEVICE_ACCEPTS: "the device declares that it takes this type",
    Reason.DEVICE_REFUSES: "the device declares that it does not take this type",
    Reason.CARRIER_REFUSES_TYPE: "the carrier does not pass this type from this kind of sender",
    Reason.FITS: "it fits as it is",
    Reason.TIGHT_FIT: "it fits with little to spare, and the size is an estimate",
    Reason.REDUCED: "it is made smaller so that the message fits",
    Reason.MOVED_FOR_SIZE: "it becomes a link so that the message fits",
    Reason.TOO_LARGE: "the message cannot be made small enough for an MMS",
    Reason.VIDEO_CANNOT_SHRINK: "the video cannot be made small enough for an MMS",
    Reason.NO_MMS_HANDSET: "this phone cannot receive MMS",
    Reason.NO_MMS_CARRIER: "this carrier does not carry MMS",
    Reason.FALLBACK_DISABLED: "the message forbids the SMS fallback, so nothing is sent",
    Reason.SUPPRESSED: "the recipient is on a suppression list",
    Reason.BAD_NUMBER: "the number is not a phone number",
    Reason.SIZE_UNKNOWN: "the size of a file is not known, so fitting could not be checked",
    Reason.STORE_UNAVAILABLE: "the handset cache could not be asked, so the phone counts as unknown",
}
"""What each reason says to a person."""

SEED_REASON = {
    OsClass.IOS: Reason.SEED_IOS,
    OsClass.ANDROID: Reason.SEED_ANDROID,
    OsClass.OTHER: Reason.SEED_OTHER,
    OsClass.UNKNOWN: Reason.SEED_UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class ObjectPlan:
    """How one object travels; `slide` counts from 1."""

    slide: int
    kind: str
    form: Form
    by: By
    reason: Reason


@dataclass(frozen=True, slots=True)
class MediaPlan:
    """What happens to one media file; `max_bytes` is the most raw bytes it may have (None: not known)."""

    slide: int
    kind: str
    action: Action
    max_bytes: int | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class SizePlan:
    """The size arithmetic; an SMS plan shows the smallest MMS that was possible, and why it was not."""

    raw_bytes: int
    wire_bytes: int
    limit_wire_bytes: int
    limited_by: LimitedBy


@dataclass(frozen=True, slots=True)
class SmsPlan:
    """The text instead of the MMS, its link last and never cut by a segment."""

    text: str
    encoding: texts.Encoding
    segments: int


@dataclass(frozen=True, slots=True)
class Witness:
    """One piece of evidence that the plan rests on."""

    source: str
    string: str
    observed_at: datetime
    device: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A decision, and once `addressed` also for whom and on what evidence.

    `content` is the message that was planned, or the request body of a plan read back from JSON; it is
    what `request` is built from, and plans compare without it (their `message_hash` stands for it).
    """

    channel: Channel
    via: Via | None
    os_class: OsClass
    state: State
    objects: tuple[ObjectPlan, ...]
    media: tuple[MediaPlan, ...]
    size: SizePlan
    sms: SmsPlan | None
    reasons: tuple[Reason, ...]
    message_hash: str
    policy_name: str
    policy_version: str
    to: str | None = None
    as_of: datetime | None = None
    device: str | None = None
    evidence: tuple[Witness, ...] = ()
    content: tuple[messages.Message, Policy] | Mapping[str, Any] | None = field(
        default=None, compare=False, repr=False
    )

    def addressed(
        self, to: str, as_of: datetime, device: str | None = None, evidence: tuple[Witness, ...] = ()
    ) -> Plan:
        """Give the same decision for a recipient."""
        return Plan(  # written out, since `replace` takes twice as long and this is done once a recipient
            channel=self.channel,
            via=self.via,
            os_class=self.os_class,
            state=self.state,
            objects=self.objects,
            media=self.media,
            size=self.size,
            sms=self.sms,
            reasons=self.reasons,
            message_hash=self.message_hash,
            policy_name=self.policy_name,
            policy_version=self.policy_version,
            to=to,
            as_of=in_utc(as_of),
            device=device,
            evidence=evidence,
            content=self.content,
        )

    def because(self, *reasons: Reason) -> Plan:
        """Give the same decision with further reasons in front."""
        if not reasons:
            return self
        return replace(self, reasons=tuple(dict.fromkeys((*reasons, *self.reasons))))

    @property
    def needs_links(self) -> bool:
        """Tell whether the request holds placeholders, so that it cannot be sent as it is."""
        if self.channel is Channel.MMS:
            return any(o.by is By.PLANNER and o.form is Form.LINK for o in self.objects)
        return self.sms is not None and MARK.search(self.sms.text) is not None

    @property
    def request(self) -> dict[str, Any] | None:
        """The body for the API, placeholders included; None when nothing is to be sent."""
        if not isinstance(self.content, tuple):
            return None if self.content is None else dict(self.content)
        message, policy = self.content
        return _request(self, message, policy)

    def to_dict(self) -> dict[str, Any]:
        """Give the plan as JSON has it; every key is always there."""
        return {
            "schema": SCHEMA,
            "to": self.to,
            "as_of": _time(self.as_of),
            "channel": self.channel.value,
            "via": self.via and self.via.value,
            "os_class": self.os_class.value,
            "device": self.device,
            "state": self.state.value,
            "objects": [
                {
                    "slide": o.slide,
                    "kind": o.kind,
                    "form": o.form.value,
                    "by": o.by.value,
                    "reason": o.reason.value,
                }
                for o in self.objects
            ],
            "media": [
                {
                    "slide": m.slide,
                    "kind": m.kind,
                    "action": m.action.value,
                    "max_bytes": m.max_bytes,
                    "reason": m.reason.value,
                }
                for m in self.media
            ],
            "size": {
                "raw_bytes": self.size.raw_bytes,
                "wire_bytes": self.size.wire_bytes,
                "limit_wire_bytes": self.size.limit_wire_bytes,
                "limited_by": self.size.limited_by.value,
            },
            "sms": self.sms
            and {"text": self.sms.text, "encoding": self.sms.encoding.value, "segments": self.sms.segments},
            "reasons": [reason.value for reason in self.reasons],
            "evidence": [
                {
                    "source": w.source,
                    "string": w.string,
                    "observed_at": _time(w.observed_at),
                    "device": w.device,
                }
                for w in self.evidence
            ],
            "message_hash": self.message_hash,
            "policy": {"name": self.policy_name, "version": self.policy_version},
            "request": self.request,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Plan:
        """Read a plan back from its JSON, equal to the plan that wrote it; raise `InputError` otherwise."""
        schema = document.get("schema") if isinstance(document, Mapping) else None
        if schema != SCHEMA:
            problem = f"expected a plan of schema {SCHEMA}, got schema {schema!r}"
            raise errors.InputError(problem, hint="it was written by another version", where="plan")
        try:
            return cls._read(document)
        except (KeyError, TypeError, ValueError) as error:
            problem = f"expected a plan as `to_dict` writes it, got {type(error).__name__}: {error}"
            raise errors.InputError(problem, hint="make the plan again", where="plan") from None

    @classmethod
    def _read(cls, document: Mapping[str, Any]) -> Plan:
        sms = document["sms"]
        as_of = document["as_of"]
        return cls(
            channel=Channel(document["channel"]),
            via=Via(document["via"]) if document["via"] else None,
            os_class=OsClass(document["os_class"]),
            state=State(document["state"]),
            objects=tuple(
                ObjectPlan(o["slide"], o["kind"], Form(o["form"]), By(o["by"]), Reason(o["reason"]))
                for o in document["objects"]
            ),
            media=tuple(
                MediaPlan(m["slide"], m["kind"], Action(m["action"]), m["max_bytes"], Reason(m["reason"]))
                for m in document["media"]
            ),
            size=SizePlan(**(document["size"] | {"limited_by": LimitedBy(document["size"]["limited_by"])})),
            sms=SmsPlan(sms["text"], texts.Encoding(sms["encoding"]), sms["segments"]) if sms else None,
            reasons=tuple(map(Reason, document["reasons"])),
            message_hash=document["message_hash"],
            policy_name=document["policy"]["name"],
            policy_version=document["policy"]["version"],
            to=document["to"],
            as_of=datetime.fromisoformat(as_of) if as_of else None,
            device=document["device"],
            evidence=tuple(
                Witness(w["source"], w["string"], datetime.fromisoformat(w["observed_at"]), w["device"])
                for w in document["evidence"]
            ),
            content=document["request"],
        )

    def explain(self) -> str:
        """Say the plan in words, one sentence a line."""
        return "\n".join(_sentences(self))


def placeholder(target: str, policy: Policy) -> str:
    """What stands for a link of our own until it is sent: `target` is a slide number or `page`."""
    mark = "{link:" + target + "}"
    return (
        policy.link_prefix
        + mark
        + PLACEHOLDER_FILL * (policy.own_link_length - len(policy.link_prefix) - len(mark))
    )


def _request(plan: Plan, message: messages.Message, policy: Policy) -> dict[str, Any] | None:
    """Build the body: the message with what the plan takes out, or the text of an SMS plan."""
    if plan.channel is Channel.NONE:
        return None
    sender = message.sender or policy.sender or None
    text = plan.sms.text if plan.sms else ""
    if plan.via is Via.SMS_API:
        to = [plan.to] if plan.to else None
        body: dict[str, Any] = {"type": "mt_text", "from": sender, "to": to, "body": text}
        return {key: value for key, value in body.items() if value is not None}
    if plan.via is Via.TEXT_MMS:
        carried = replace(
            message,
            slides=(messages.Slide(text=text),),
            fallback_text=text,
            disable_fallback_link=message.disable_fallback_link or bool(policy.link_host),
        )
    else:
        slides = list(message.slides)
        for ours in (o for o in plan.objects if o.by is By.PLANNER):
            link = placeholder(str(ours.slide), policy)
            slides[ours.slide - 1] = _linked(slides[ours.slide - 1], ours.kind, link)
        carried = replace(message, slides=tuple(slides))
    document = replace(carried, sender=sender, to=plan.to, name=None).to_dict(hints=False)
    return {"action": "sendmms", **document}


def _linked(slide: messages.Slide, kind: str, link: str) -> messages.Slide:
    """Take an object out of a slide and put a link into its text."""
    changed: dict[str, Any] = {kind: None, "text": f"{slide.text}\n{link}" if slide.text else link}
    return replace(slide, **changed)


def _sentences(plan: Plan) -> Iterator[str]:
    to = f" to {plan.to}" if plan.to else ""
    how = {Channel.MMS: "Send as MMS", Channel.SMS: "Send as SMS", Channel.NONE: "Send nothing"}[plan.channel]
    via = ", carried by a text-only MMS" if plan.via is Via.TEXT_MMS else ""
    phone = f"{plan.os_class.value} phone" if plan.os_class is not OsClass.UNKNOWN else "unknown phone"
    device = f", {plan.device}" if plan.device else ""
    yield f"{how}{to}{via}: {phone} ({plan.state.value}{device})."
    for witness in plan.evidence:
        seen, device = _time(witness.observed_at), witness.device or "no phone"
        yield f"  Evidence: {witness.source} of {seen} named {witness.string!r}, which is {device}."
    for o in plan.objects:
        who = "our own link" if o.by is By.PLANNER else "the API's doing"
        form = o.form.value if o.form is Form.ATTACHMENT else f"link ({who})"
        yield f"  Slide {o.slide}, {o.kind}: {form}, because {WORDS[o.reason]}."
    for m in plan.media:
        bound = f" to at most {m.max_bytes:,} bytes" if m.action is Action.REDUCE else ""
        done = f"{m.action.value}{bound}" if plan.channel is Channel.MMS else "not in the message"
        yield f"  Slide {m.slide}, {m.kind}: {done}, because {WORDS[m.reason]}."
    size = plan.size
    shrunk = {Reason.TOO_LARGE, Reason.VIDEO_CANNOT_SHRINK}.intersection(plan.reasons)
    smallest = "the smallest MMS would be " if shrunk else ""
    yield (
        f"  Size: {smallest}1.37 x {size.raw_bytes:,} + 814 = {size.wire_bytes:,} bytes on the wire;"
        f" the {size.limited_by.value} takes {size.limit_wire_bytes:,}."
    )
    if plan.sms:
        count = "1 segment" if plan.sms.segments == 1 else f"{plan.sms.segments} segments"
        yield f"  SMS: {count}, {plan.sms.encoding.value}: {plan.sms.text!r}."
        if MARK.search(plan.sms.text) is None:
            yield "  It goes without a link: none is wanted, or the policy has no link_host."
    if plan.needs_links:
        yield "  Before it is sent, each {link:...} in the request needs a link of yours in its place."
    said = {o.reason for o in plan.objects} | {m.reason for m in plan.media}
    for reason in plan.reasons:
        if reason not in said:
            yield f"  Also: {WORDS[reason]}."


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
