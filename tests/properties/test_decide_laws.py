"""The laws of the decision, as the head of `planner/decide.py` states them."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from planner.decide import decide, score
from planner.handsets import Profile, State
from planner.messages import MEDIA_KINDS, OBJECT_KINDS, Message
from planner.plans import Action, Channel, MediaPlan, ObjectPlan, Plan, Reason, Via
from planner.policies import Form, OsClass, Policy, RawBytes, WireBytes, raw_room, wire_size
from tests.properties import strategies as some

CASES = some.cases() | some.small_cases()
SIZED_CASES = some.cases(some.SIZES) | some.small_cases()


def files_of(message: Message, kinds: tuple[str, ...]) -> list[tuple[int, str]]:
    return [(n, kind) for n, slide in enumerate(message.slides, 1) for kind, _ in slide.files(kinds)]


# Total, complete, honest.


@given(CASES)
def test_every_message_profile_and_policy_has_an_answer_with_a_reason(case):
    message, profile, policy = case
    plan = decide(*case)
    assert plan.reasons
    assert len(set(plan.reasons)) == len(plan.reasons)
    assert (plan.os_class, plan.state) == (profile.os_class, profile.state)
    assert (plan.message_hash, plan.policy_version) == (message.hash, policy.version)
    assert (plan.sms is not None) == (plan.channel is Channel.SMS)
    assert (
        plan.via
        in {
            Channel.MMS: {Via.MMS},
            Channel.SMS: {Via.TEXT_MMS, Via.SMS_API},
            Channel.NONE: {None},
        }[plan.channel]
    )
    assert {o.reason for o in plan.objects} | {m.reason for m in plan.media} <= set(plan.reasons)
    assert plan == decide(*case)


@given(CASES)
def test_each_object_and_each_media_file_has_exactly_one_entry(case):
    plan = decide(*case)
    assert [(o.slide, o.kind) for o in plan.objects] == files_of(case[0], OBJECT_KINDS)
    assert [(m.slide, m.kind) for m in plan.media] == files_of(case[0], MEDIA_KINDS)


@given(SIZED_CASES)
def test_what_is_sent_as_mms_fits_the_limit_that_the_plan_names(case):
    message, profile, policy = case
    plan = decide(*case)
    if plan.channel is not Channel.MMS:
        return
    texts = [slide.get("message-text", "") for slide in plan.request["slide"]]
    links_of_the_api = [o for o in plan.objects if o.form is Form.LINK and o.by.value == "api"]
    attached = [o for o in plan.objects if o.form is Form.ATTACHMENT]
    raw = sum(len(text.encode()) for text in texts)
    raw += sum(getattr(message.slides[o.slide - 1], o.kind).bytes for o in attached)
    raw += sum(m.max_bytes for m in plan.media)
    assert (
        raw
        <= plan.size.raw_bytes
        <= raw + len(links_of_the_api) * (policy.own_link_length + 1) + len(plan.objects)
    )
    assert plan.size.wire_bytes == ceil(Fraction(137, 100) * plan.size.raw_bytes) + 814
    assert plan.size.wire_bytes <= plan.size.limit_wire_bytes
    limits = [profile.limit]
    if policy.message_raw_bytes_max is not None:
        limits.append(ceil(Fraction(137, 100) * policy.message_raw_bytes_max) + 814)
    assert plan.size.limit_wire_bytes == min(limits)


@given(SIZED_CASES)
def test_media_keep_at_least_their_floor_and_never_grow(case):
    message, _, policy = case
    for planned in decide(*case).media:
        size = getattr(message.slides[planned.slide - 1], planned.kind).bytes
        if planned.action is Action.KEEP:
            assert planned.max_bytes == size
        else:
            assert floor_of(message, planned, policy) <= planned.max_bytes < size
            assert planned.reason is Reason.REDUCED


@given(SIZED_CASES)
def test_an_mms_is_given_up_only_where_it_cannot_be(case):
    message, profile, policy = case
    plan = decide(*case)
    capable = profile.handset_takes_mms is not False and profile.carrier_takes_mms is not False
    if plan.channel is Channel.MMS:
        assert capable
    elif capable:
        assert {Reason.TOO_LARGE, Reason.VIDEO_CANNOT_SHRINK} & set(plan.reasons)
        assert plan.size.wire_bytes > plan.size.limit_wire_bytes
        roomy = replace(profile, limit=plan.size.wire_bytes)
        free = replace(policy, message_raw_bytes_max=None)
        assert decide(message, roomy, free).channel is Channel.MMS
        assert decide(message, replace(roomy, limit=WireBytes(roomy.limit - 1)), free).channel is plan.channel
    assert (plan.channel is Channel.NONE) == (plan.channel is not Channel.MMS and message.disable_fallback)


# The best by the score, against trying everything.


def floor_of(message: Message, planned: MediaPlan, policy: Policy) -> int:
    """The least that may be left of a media file, told again from the words of the policy."""
    file = getattr(message.slides[planned.slide - 1], planned.kind)
    allowed = {"on": MEDIA_KINDS, "images": ("image",), "off": ()}[policy.transcoding]
    floor = file.bytes
    if planned.kind in allowed and planned.kind == "image" and file.width and file.height:
        pixels = min(file.width * file.height, policy.image_floor_pixels)
        floor = max(policy.image_floor_bytes, int(pixels * policy.image_floor_bytes_per_pixel))
    if planned.kind in allowed and planned.kind == "video" and file.seconds:
        floor = int(file.seconds * policy.video_floor_bytes_per_second)
    amr = (file.content_type or "").partition(";")[0].strip().lower() == "audio/amr"
    if planned.kind in allowed and planned.kind == "audio" and file.seconds and not amr:
        floor = int(file.seconds * policy.audio_floor_bytes_per_second)
    return min(floor, file.bytes)


def as_ruled(message: Message, profile: Profile, policy: Policy) -> Plan:
    """The plan with room for everything: what the rule alone says."""
    roomy = replace(profile, limit=WireBytes(10**12))
    return decide(message, roomy, replace(policy, message_raw_bytes_max=None))


def with_objects_moved(plan: Plan) -> Iterator[Plan]:
    """Every choice of attached objects that become links."""
    attached = [n for n, o in enumerate(plan.objects) if o.form is Form.ATTACHMENT]
    for count in range(len(attached) + 1):
        for moved in combinations(attached, count):
            yield replace(
                plan,
                objects=tuple(
                    replace(o, form=Form.LINK) if n in moved else o for n, o in enumerate(plan.objects)
                ),
            )


def raw_without_media(plan: Plan, message: Message, policy: Policy) -> int:
    def weight(o: ObjectPlan) -> int:
        if o.form is Form.LINK:
            return policy.own_link_length + 1
        return getattr(message.slides[o.slide - 1], o.kind).bytes

    return sum(len((s.text or "").encode()) for s in message.slides) + sum(map(weight, plan.objects))


def with_media(plan: Plan, kept: tuple[int, ...]) -> Plan:
    media = (
        replace(m, max_bytes=size, action=Action.REDUCE if size < m.max_bytes else Action.KEEP)
        for m, size in zip(plan.media, kept, strict=True)
    )
    return replace(plan, media=tuple(media))


def fits(raw: int, profile: Profile) -> bool:
    return Fraction(137, 100) * raw + 814 <= profile.limit


def everything_that_fits(message: Message, profile: Profile, policy: Policy) -> Iterator[Plan]:
    """Every form of every object with every size of every file, as far as they fit."""
    ruled = as_ruled(message, profile, policy)
    ranges = [range(floor_of(message, m, policy), m.max_bytes + 1) for m in ruled.media]
    for plan in with_objects_moved(ruled):
        raw = raw_without_media(plan, message, policy)
        for kept in product(*ranges):
            if fits(raw + sum(kept), profile):
                yield with_media(plan, kept)


@given(some.small_cases())
def test_no_choice_of_forms_and_sizes_attaches_more_or_keeps_more(case):
    message, _, policy = case
    plan = decide(*case)
    best = max((score(p, message, policy)[:3] for p in everything_that_fits(*case)), default=None)
    if plan.channel is Channel.MMS:
        assert score(plan, message, policy)[:3] == best
    else:
        assert best is None


def proportional(
    plan: Plan, message: Message, policy: Policy, kinds: tuple[str, ...], room: int
) -> Iterator[tuple[int, ...]]:
    """The sizes in proportion, to the byte: only files of some kinds shrink, none below its floor."""
    sizes = [m.max_bytes for m in plan.media]
    if sum(sizes) <= room:
        yield tuple(sizes)
        return
    floors = [floor_of(message, m, policy) if m.kind in kinds else m.max_bytes for m in plan.media]
    if sum(floors) > room:
        return
    low, high = Fraction(0), Fraction(1)
    for _ in range(40):  # the one share that fills the room, by halving
        share = (low + high) / 2
        full = sum(max(floor, share * size) for floor, size in zip(floors, sizes, strict=True)) > room
        low, high = (low, share) if full else (share, high)
    exact = [max(floor, low * size) for floor, size in zip(floors, sizes, strict=True)]
    choices = [
        [n for n in range(floor, size + 1) if abs(n - ideal) < 1 + Fraction(1, 10**6)]
        for floor, size, ideal in zip(floors, sizes, exact, strict=True)
    ]
    yield from (kept for kept in product(*choices) if sum(kept) == room)


@given(some.small_cases())
def test_among_equals_the_plan_changes_the_fewest_things(case):
    message, profile, policy = case
    plan = decide(*case)
    if plan.channel is not Channel.MMS:
        return
    room = (profile.limit - 814) * 100 // 137
    ways = []
    for ruled in with_objects_moved(as_ruled(*case)):
        left = room - raw_without_media(ruled, message, policy)
        for kinds in ((), ("image",), MEDIA_KINDS):
            plans = [with_media(ruled, kept) for kept in proportional(ruled, message, policy, kinds, left)]
            if plans:
                ways.append([score(p, message, policy) for p in plans])
    assert max(min(way) for way in ways) <= score(plan, message, policy) <= max(max(way) for way in ways)


@given(SIZED_CASES)
def test_media_that_shrink_share_the_bytes_in_proportion_to_size(case):
    message, _, policy = case
    plan = decide(*case)
    sizes = {m: getattr(message.slides[m.slide - 1], m.kind).bytes for m in plan.media}
    above = [
        m for m in plan.media if m.action is Action.REDUCE and m.max_bytes > floor_of(message, m, policy)
    ]
    for one, other in combinations(above, 2):
        exact = Fraction(one.max_bytes * sizes[other], sizes[one])
        assert abs(other.max_bytes - exact) <= 1 + Fraction(sizes[other], sizes[one])


@given(SIZED_CASES)
def test_images_are_reduced_before_video_and_audio_and_objects_move_last(case):
    message, _, policy = case
    plan = decide(*case)
    if plan.channel is not Channel.MMS:
        return
    ruled = as_ruled(*case)
    moved = [o for o in plan.objects if o.reason is Reason.MOVED_FOR_SIZE]
    reduced = {m.kind for m in plan.media if m.action is Action.REDUCE}
    floors = {m: floor_of(message, m, policy) for m in ruled.media}
    if moved:
        smallest = with_media(ruled, tuple(floors.values()))
        raw = raw_without_media(smallest, message, policy) + sum(floors.values())
        assert wire_size(RawBytes(raw)) > plan.size.limit_wire_bytes
    if reduced - {"image"}:
        raw = raw_without_media(plan, message, policy)
        raw += sum(floors[m] if m.kind == "image" else m.max_bytes for m in ruled.media)
        assert wire_size(RawBytes(raw)) > plan.size.limit_wire_bytes


# Monotone.


@given(CASES, st.integers(0, 100_000))
def test_a_greater_limit_never_gives_a_worse_plan(case, more):
    message, profile, policy = case
    roomier = replace(profile, limit=WireBytes(profile.limit + more))
    assert score(decide(message, roomier, policy), message, policy) >= score(decide(*case), message, policy)


LESS_TO_MORE = [
    (OsClass.OTHER, OsClass.ANDROID),
    (OsClass.ANDROID, OsClass.IOS),
    (OsClass.OTHER, OsClass.UNKNOWN),
    (OsClass.UNKNOWN, OsClass.IOS),
]


def as_class(profile: Profile, os_class: OsClass) -> Profile:
    state = State.UNKNOWN if os_class is OsClass.UNKNOWN else State.KNOWN
    return replace(profile, os_class=os_class, candidates=(os_class,), state=state)


@given(CASES, st.sampled_from(LESS_TO_MORE))
def test_a_more_capable_class_never_gets_a_worse_plan_under_the_seeds_rule(case, classes):
    message, profile, policy = case
    policy = replace(policy, rule=())
    less, more = (decide(message, as_class(profile, os_class), policy) for os_class in classes)
    assert score(more, message, policy) >= score(less, message, policy)


@given(CASES)
def test_a_conflict_never_attaches_what_a_candidate_would_not_get(case):
    message, profile, policy = case
    plain = replace(policy, evidence="class")
    attached = {
        os_class: {
            (o.slide, o.kind)
            for o in as_ruled(message, as_class(profile, os_class), plain).objects
            if o.form is Form.ATTACHMENT
        }
        for os_class in profile.candidates
    }
    both = {(o.slide, o.kind) for o in as_ruled(message, profile, plain).objects if o.form is Form.ATTACHMENT}
    if as_ruled(message, profile, plain).channel is Channel.MMS:
        assert both == set.intersection(*attached.values())


@given(CASES)
def test_an_unknown_phone_gets_links_of_ours_only_for_size(case):
    message, profile, policy = case
    plan = decide(message, as_class(profile, OsClass.UNKNOWN), policy)
    ours = [o for o in plan.objects if o.by.value == "planner"]
    assert {o.reason for o in ours} <= {
        Reason.MOVED_FOR_SIZE,
        Reason.TOO_LARGE,
        Reason.VIDEO_CANNOT_SHRINK,
        Reason.NO_MMS_HANDSET,
        Reason.NO_MMS_CARRIER,
    }


# The plan as a value.


@given(CASES)
def test_a_plan_comes_back_from_json_equal_and_to_the_same_bytes(case):
    plan = decide(*case).addressed(some.NUMBER, some.NOW, "ios")
    text = json.dumps(plan.to_dict())
    again = Plan.from_dict(json.loads(text))
    assert again == plan
    assert json.dumps(again.to_dict()) == text
    assert json.dumps(decide(*case).addressed(some.NUMBER, some.NOW, "ios").to_dict()) == text


@given(CASES)
def test_the_request_holds_each_object_as_decided(case):
    message, _, _ = case
    plan = decide(*case).addressed(some.NUMBER, some.NOW)
    if plan.channel is not Channel.MMS:
        return
    slides = plan.request["slide"]
    assert len(slides) == len(message.slides)
    for planned in plan.objects:
        slide = slides[planned.slide - 1]
        ours = planned.by.value == "planner"
        assert (planned.kind in slide) == (not ours)
        assert not ours or f"{{link:{planned.slide}}}" in slide["message-text"]


# Sizes.


@given(st.lists(st.integers(0, 300_000), max_size=24))
def test_the_estimate_is_never_below_base64_of_all_parts(sizes):
    def lines(size: int) -> int:
        letters = 4 * ceil(size / 3)
        return letters + 2 * ceil(letters / 76)

    assert sum(map(lines, sizes)) <= wire_size(RawBytes(sum(sizes)))


@given(st.binary(max_size=2000))
def test_the_count_of_base64_letters_is_that_of_a_real_encoder(body):
    encoded = base64.encodebytes(body).replace(b"\n", b"\r\n")  # lines of 76 letters
    letters = 4 * ceil(len(body) / 3)
    assert len(encoded) == letters + 2 * ceil(letters / 76)
    assert len(encoded) <= wire_size(RawBytes(len(body)))


@given(st.integers(0, 10**9))
def test_room_and_size_are_inverse(count):
    assert raw_room(wire_size(RawBytes(count))) == count


@given(st.integers(0, 10**9))
def test_room_is_the_most_that_fits(limit):
    room = raw_room(WireBytes(limit))
    assert wire_size(room) <= limit < wire_size(RawBytes(room + 1))
