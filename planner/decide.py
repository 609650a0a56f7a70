"""The decision: `decide(message, profile, policy) -> Plan`.

Laws, each a property in the tests:

* total: every readable message, profile and policy has an answer, with at least one reason;
* pure: no clock, no socket, no randomness; equal arguments give equal plans;
* unknown is not other: a phone that is not known gets the rule for unknown phones;
* what is attached, with all texts, fits the limit that the plan names;
* the plan is the best by the policy's score among all that the steps of the ladder can make and that fit;
* a phone that can do more never gets a plan that scores worse.

How it works. The object rule, a table of the policy, gives each object its form; device and carrier facts
refine it only where the policy asks for that. The sizes are added up and compared with the smallest
limit. If they do not fit, the ladder comes down one step at a time: reduce images, then video and audio;
move objects from attachment to link; send a text with a link instead; send nothing. The score is a tuple,
compared in order, whose order is the ladder's:

    channel (mms > sms > none), value of the attached objects, share of the media bytes kept,
    things that arrive as they are

Reducing has floors from the policy, and the bytes that may stay are shared in proportion to size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import product

from planner import texts
from planner.content import mime_type
from planner.handsets import LimitedBy, Profile, State
from planner.messages import MEDIA_KINDS, OBJECT_KINDS, Media, Message
from planner.plans import (
    SEED_REASON,
    Action,
    By,
    Channel,
    MediaPlan,
    ObjectPlan,
    Plan,
    Reason,
    SizePlan,
    SmsPlan,
    Via,
    placeholder,
)
from planner.policies import (
    RULE_KIND,
    RULE_KINDS,
    SEED_RULE,
    Form,
    OsClass,
    Policy,
    RawBytes,
    WireBytes,
    raw_room,
    wire_size,
)

LADDER: tuple[tuple[str, ...], ...] = ((), ("image",), MEDIA_KINDS)
"""Which kinds of media may be reduced, step by step."""

REDUCED_BY_ACCOUNT = {"on": frozenset(MEDIA_KINDS), "images": frozenset({"image"}), "off": frozenset[str]()}

CHANNEL_RANK = {Channel.NONE: 0, Channel.SMS: 1, Channel.MMS: 2}

Score = tuple[int, int, Fraction, int]


@dataclass(frozen=True, slots=True)
class _Case:
    """What stays the same while one message is decided for one profile."""

    message: Message
    profile: Profile
    policy: Policy
    limit: WireBytes
    limited_by: LimitedBy


@dataclass(frozen=True, slots=True)
class _File:
    """A media file as the ladder sees it: what it weighs, and the least it may weigh."""

    slide: int
    kind: str
    size: int | None
    floor: int


@dataclass(frozen=True, slots=True)
class _Draft:
    """One way to send the message as MMS: the form of each object, and the bytes each media file may keep."""

    objects: tuple[ObjectPlan, ...]
    files: tuple[_File, ...]
    kept: tuple[int, ...]
    raw: RawBytes

    @property
    def wire(self) -> WireBytes:
        return wire_size(self.raw)


def decide(message: Message, profile: Profile, policy: Policy) -> Plan:
    """Decide how a message reaches a phone; always answers.

    The message has been checked by `content`; personal fields in its texts are already filled, or stand for
    the longest value.
    """
    # 1. The rule gives each object its form, and the smallest limit rules.
    objects = tuple(_ruled(n, kind, profile, policy) for n, kind, _ in _files(message, OBJECT_KINDS))
    files = tuple(_file(n, kind, file, policy) for n, kind, file in _files(message, MEDIA_KINDS))
    case = _Case(message, profile, policy, *_limit(profile, policy))
    as_is = _draft(case, objects, files, ())

    # 2. A phone or a carrier without MMS gets the fallback.
    if profile.handset_takes_mms is False:
        return _fallback(case, as_is, Reason.NO_MMS_HANDSET)
    if profile.carrier_takes_mms is False:
        return _fallback(case, as_is, Reason.NO_MMS_CARRIER)

    # 3. What fits as it is goes as it is.
    if as_is.wire <= case.limit:
        return _mms(case, as_is)

    # 4. Otherwise the best of all that fits: media reduced, objects moved to links.
    drafts = tuple(_drafts(case, objects, files))
    if fitting := [draft for draft in drafts if draft.wire <= case.limit]:
        return _mms(case, max(fitting, key=lambda draft: _draft_score(draft, policy)))

    # 5. Nothing fits: the fallback always answers.
    smallest = min(drafts, key=lambda draft: draft.raw)
    video = sum(kept for file, kept in zip(files, smallest.kept, strict=True) if file.kind == "video")
    without_video = wire_size(RawBytes(smallest.raw - video))
    only_video = video > 0 and without_video <= case.limit
    return _fallback(case, smallest, Reason.VIDEO_CANNOT_SHRINK if only_video else Reason.TOO_LARGE)


def score(plan: Plan, message: Message, policy: Policy) -> Score:
    """What a plan is worth under a policy: a tuple compared in order, greater is better."""
    attached = sum(policy.value(o.kind) for o in plan.objects if o.form is Form.ATTACHMENT)
    sizes = [file.bytes or 0 for _, _, file in _files(message, MEDIA_KINDS)]
    kept = [size if m.max_bytes is None else m.max_bytes for size, m in zip(sizes, plan.media, strict=True)]
    links = sum(o.form is Form.LINK for o in plan.objects)
    reduced = sum(m.action is Action.REDUCE for m in plan.media)
    return CHANNEL_RANK[plan.channel], attached, _share(kept, sizes), -(links + reduced)


# The object rule.


def _ruled(slide: int, kind: str, profile: Profile, policy: Policy) -> ObjectPlan:
    """Give an object its form by the rule, refined by facts where the policy asks for them."""
    forms = [policy.form(os_class, kind) for os_class in profile.candidates]
    form = Form.ATTACHMENT if all(f is Form.ATTACHMENT for f in forms) else Form.LINK
    reason = SEED_REASON[profile.os_class]
    if policy.differs_from_seed(profile.os_class, kind):
        reason = Reason.POLICY_RULE
    if profile.state is State.CONFLICT and form is not policy.form(profile.os_class, kind):
        reason = Reason.CONFLICT
    if policy.evidence == "device":
        form, reason = _refined(form, reason, kind, profile)
    return ObjectPlan(slide, kind, form, _maker(form, kind, profile, policy), reason)


def _refined(form: Form, reason: Reason, kind: str, profile: Profile) -> tuple[Form, Reason]:
    """Let declared facts widen or narrow the rule; the carrier has the last word."""
    accepts = dict(profile.accepts).get(RULE_KIND[kind])
    if accepts is True and form is Form.LINK:
        form, reason = Form.ATTACHMENT, Reason.DEVICE_ACCEPTS
    elif accepts is False and form is Form.ATTACHMENT:
        form, reason = Form.LINK, Reason.DEVICE_REFUSES
    if profile.carrier_refuses & {kind, RULE_KIND[kind]} and form is Form.ATTACHMENT:
        form, reason = Form.LINK, Reason.CARRIER_REFUSES_TYPE
    return form, reason


def _maker(form: Form, kind: str, profile: Profile, policy: Policy) -> By:
    """Say who makes the form so: we do it only where the API would do something else, or are asked to."""
    if form is Form.ATTACHMENT or profile.os_class is OsClass.UNKNOWN:
        return By.API
    if policy.links == "own":
        return By.PLANNER
    api_does = SEED_RULE[profile.os_class][RULE_KIND[kind]]
    return By.API if api_does is form else By.PLANNER


def _moved(planned: ObjectPlan) -> ObjectPlan:
    if planned.form is Form.LINK:
        return planned
    return replace(planned, form=Form.LINK, by=By.PLANNER, reason=Reason.MOVED_FOR_SIZE)


# Sizes and the ladder.


def _files(message: Message, kinds: Sequence[str]) -> Iterator[tuple[int, str, Media]]:
    for number, slide in enumerate(message.slides, 1):
        for kind, file in slide.files(kinds):
            yield number, kind, file


def _limit(profile: Profile, policy: Policy) -> tuple[WireBytes, LimitedBy]:
    """Give the smallest limit and whose it is."""
    if policy.message_raw_bytes_max is not None:
        account = wire_size(RawBytes(policy.message_raw_bytes_max))
        if account < profile.limit:
            return account, LimitedBy.ACCOUNT
    return profile.limit, profile.limited_by


def _file(slide: int, kind: str, file: Media, policy: Policy) -> _File:
    """Find the floor of a media file; without pixels or seconds it cannot be reduced."""
    size = file.bytes
    floor = size or 0
    if size is not None and kind in REDUCED_BY_ACCOUNT[policy.transcoding]:
        if kind == "image" and file.width and file.height:
            pixels = min(file.width * file.height, policy.image_floor_pixels)
            floor = max(policy.image_floor_bytes, int(pixels * policy.image_floor_bytes_per_pixel))
        elif kind == "video" and file.seconds:
            floor = int(file.seconds * policy.video_floor_bytes_per_second)
        elif kind == "audio" and file.seconds and mime_type(file.content_type or "") != "audio/amr":
            floor = int(file.seconds * policy.audio_floor_bytes_per_second)
    return _File(slide, kind, size, min(floor, size or 0))


def _drafts(case: _Case, objects: tuple[ObjectPlan, ...], files: tuple[_File, ...]) -> Iterator[_Draft]:
    """Every way down the ladder that can be the best.

    Objects of one kind are worth the same, so the smallest of them stay attached, and it is enough to ask
    how many of each kind do.
    """
    sizes = [file.bytes or 0 for _, _, file in _files(case.message, OBJECT_KINDS)]
    attached = [n for n, planned in enumerate(objects) if planned.form is Form.ATTACHMENT]
    kinds = [[n for n in attached if RULE_KIND[objects[n].kind] == kind] for kind in RULE_KINDS]
    ranked = [sorted(places, key=sizes.__getitem__) for places in kinds]
    for counts in product(*(range(len(places), -1, -1) for places in ranked)):
        moved = {n for places, count in zip(ranked, counts, strict=True) for n in places[count:]}
        forms = tuple(_moved(planned) if n in moved else planned for n, planned in enumerate(objects))
        for reduce in LADDER:
            yield _draft(case, forms, files, reduce)


def _draft(
    case: _Case, objects: tuple[ObjectPlan, ...], files: tuple[_File, ...], reduce: Sequence[str]
) -> _Draft:
    """Add up the message with these forms, media of kinds in `reduce` made as small as the limit needs."""
    raw = sum(len(slide.text.encode()) for slide in case.message.slides if slide.text)
    for planned, (_, _, file) in zip(objects, _files(case.message, OBJECT_KINDS), strict=True):
        linked = planned.form is Form.LINK
        raw += 1 + case.policy.own_link_length if linked else file.bytes or 0
    kept = _share_out(files, reduce, raw_room(case.limit) - raw)
    return _Draft(objects, files, kept, RawBytes(raw + sum(kept)))


def _share_out(files: tuple[_File, ...], reduce: Sequence[str], room: int) -> tuple[int, ...]:
    """Share the room among the media in proportion to size; none falls below its floor or grows."""
    kept = [file.size or 0 for file in files]
    if sum(kept) <= room:
        return tuple(kept)
    open_ = [n for n, file in enumerate(files) if file.kind in reduce and file.floor < kept[n]]
    budget = total = 0
    while open_:
        total = sum(kept[n] for n in open_)
        budget = max(room - (sum(kept) - total), 0)
        at_floor = [n for n in open_ if budget * kept[n] <= files[n].floor * total]
        if not at_floor:
            break
        for n in at_floor:
            kept[n] = files[n].floor
        open_ = [n for n in open_ if n not in at_floor]
    shares = [budget * kept[n] // total for n in open_]
    left = budget - sum(shares)  # What rounding leaves over goes to the first files, a byte each.
    for place, (n, share) in enumerate(zip(open_, shares, strict=True)):
        kept[n] = share + (place < left)
    return tuple(kept)


def _draft_score(draft: _Draft, policy: Policy) -> tuple[int, Fraction, int]:
    attached = sum(policy.value(o.kind) for o in draft.objects if o.form is Form.ATTACHMENT)
    sizes = [file.size or 0 for file in draft.files]
    links = sum(o.form is Form.LINK for o in draft.objects)
    reduced = sum(kept < size for kept, size in zip(draft.kept, sizes, strict=True))
    return attached, _share(draft.kept, sizes), -(links + reduced)


def _share(kept: Sequence[int], sizes: Sequence[int]) -> Fraction:
    return Fraction(sum(kept), sum(sizes)) if sum(sizes) else Fraction(1)


# Answers.


def _mms(case: _Case, draft: _Draft) -> Plan:
    media = tuple(_media(file, kept) for file, kept in zip(draft.files, draft.kept, strict=True))
    said = [planned.reason for planned in draft.objects] + [m.reason for m in media]
    if any(file.bytes is None for _, _, file in _files(case.message, (*MEDIA_KINDS, *OBJECT_KINDS))):
        said.append(Reason.SIZE_UNKNOWN)
    elif Reason.REDUCED not in said and Reason.MOVED_FOR_SIZE not in said:
        said.append(Reason.FITS)
    if draft.wire > case.limit * (1 - case.policy.tight_fit_share):
        said.append(Reason.TIGHT_FIT)
    return _plan(case, draft, media, said)


def _media(file: _File, kept: int) -> MediaPlan:
    if file.size is None:
        return MediaPlan(file.slide, file.kind, Action.KEEP, None, Reason.SIZE_UNKNOWN)
    if kept < file.size:
        return MediaPlan(file.slide, file.kind, Action.REDUCE, kept, Reason.REDUCED)
    return MediaPlan(file.slide, file.kind, Action.KEEP, file.size, Reason.FITS)


def _fallback(case: _Case, draft: _Draft, reason: Reason) -> Plan:
    """Text and link instead of the MMS, or nothing where the message forbids that."""
    linked = tuple(replace(o, form=Form.LINK, by=By.PLANNER, reason=reason) for o in draft.objects)
    media = tuple(MediaPlan(file.slide, file.kind, Action.KEEP, file.size, reason) for file in draft.files)
    draft = replace(draft, objects=linked)
    if case.message.disable_fallback:
        plan = _plan(case, draft, media, [reason, Reason.FALLBACK_DISABLED])
        return replace(plan, channel=Channel.NONE, via=None)
    via = Via.SMS_API if case.policy.sms_route == "sms_api" else Via.TEXT_MMS
    sms = sms_plan(case.message.fallback_text or "", case.message, case.policy)
    return replace(_plan(case, draft, media, [reason]), channel=Channel.SMS, via=via, sms=sms)


def sms_plan(text: str, message: Message, policy: Policy) -> SmsPlan:
    """Give the SMS with its link last; the link counts with its final length and stays in one segment.

    The text stands alone where the message forbids the link, and in a text-only MMS without a link host.
    """
    ours = policy.link_host or policy.sms_route == "sms_api"
    if message.disable_fallback_link or not ours:
        link = weighed = ""
    else:
        link = placeholder("page", policy)
        weighed = policy.link_prefix + "x" * (len(link) - len(policy.link_prefix))
    lead = f"{text} " if text and link else text
    segments = texts.segment(lead + weighed, weighed)
    return SmsPlan(lead + link, texts.encoding_of(lead + weighed), len(segments))


WHY_UNSURE = {State.STALE: Reason.STALE, State.CONFLICT: Reason.CONFLICT, State.UNKNOWN: Reason.NO_EVIDENCE}


def _plan(case: _Case, draft: _Draft, media: tuple[MediaPlan, ...], said: list[Reason]) -> Plan:
    """Put an answer together; how sure we are of the phone comes first among the reasons."""
    unsure = [WHY_UNSURE[case.profile.state]] if case.profile.state in WHY_UNSURE else []
    return Plan(
        channel=Channel.MMS,
        via=Via.MMS,
        os_class=case.profile.os_class,
        state=case.profile.state,
        objects=draft.objects,
        media=media,
        size=SizePlan(draft.raw, draft.wire, case.limit, case.limited_by),
        sms=None,
        reasons=tuple(dict.fromkeys((*unsure, *said))),
        message_hash=_message_hash(case.message),
        policy_name=case.policy.name,
        policy_version=case.policy.version,
        content=(case.message, case.policy),
    )


@lru_cache(maxsize=256)
def _message_hash(message: Message) -> str:
    return message.hash
