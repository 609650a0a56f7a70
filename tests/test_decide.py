"""The decision: the object rule cell by cell, the ladder step by step, and the golden cases.

The laws that hold for every message are in `tests/properties/test_decide_laws.py`.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from planner.decide import decide, score
from planner.handsets import LimitedBy, Profile, State
from planner.messages import Media, Message, Slide
from planner.plans import Action, By, Channel, Plan, Reason, Via
from planner.policies import Form, OsClass, Policy, WireBytes, wire_size

ATTACHMENT, LINK = Form.ATTACHMENT, Form.LINK
API, PLANNER = By.API, By.PLANNER
IOS, ANDROID, OTHER, UNKNOWN = OsClass
KINDS = ("contact", "calendar", "pdf", "excel")
CASES = Path(__file__).parent / "cases"


def phone(os_class: OsClass = IOS, limit_raw: int = 1_000_000, **changed) -> Profile:
    known = Profile(
        os_class=os_class,
        state=State.UNKNOWN if os_class is UNKNOWN else State.KNOWN,
        candidates=(os_class,),
        limit=wire_size(limit_raw),
        limited_by=LimitedBy.DEVICE,
    )
    return replace(known, **changed)


def conflict(*candidates: OsClass, **changed) -> Profile:
    return phone(candidates[0], state=State.CONFLICT, candidates=candidates, **changed)


def file(count: int | None = 1_000, **hints) -> Media:
    return Media("https://media.example.com/file", bytes=count, **hints)


def picture(count: int, width: int = 640, height: int = 480) -> Slide:
    return Slide(image=file(count, width=width, height=height))


def film(count: int, seconds: float | None = 10) -> Slide:
    return Slide(video=file(count, seconds=seconds, content_type="video/mp4"))


def sound(count: int, seconds: float = 10, content_type: str = "audio/mpeg") -> Slide:
    return Slide(audio=file(count, seconds=seconds, content_type=content_type))


def message(*slides: Slide, **changed) -> Message:
    return Message(slides=slides, fallback_text="Look:", **changed)


def one(kind: str, profile: Profile, policy: Policy = Policy()):  # noqa: B008 - a value
    """The entry of the only object."""
    return decide(message(Slide(**{kind: file()})), profile, policy).objects[0]


def forms(plan: Plan) -> list[tuple[str, Form]]:
    return [(o.kind, o.form) for o in plan.objects]


def actions(plan: Plan) -> list[tuple[str, int | None]]:
    return [(m.kind, m.max_bytes if m.action is Action.REDUCE else None) for m in plan.media]


# The object rule.

SEED = {
    IOS: (ATTACHMENT, ATTACHMENT, ATTACHMENT, ATTACHMENT),
    ANDROID: (ATTACHMENT, LINK, LINK, LINK),
    OTHER: (LINK, LINK, LINK, LINK),
    UNKNOWN: (ATTACHMENT, LINK, LINK, LINK),
}
CELLS = [
    (os_class, kind, form) for os_class, row in SEED.items() for kind, form in zip(KINDS, row, strict=True)
]


@pytest.mark.parametrize(("os_class", "kind", "form"), CELLS)
def test_each_cell_of_the_seeds_rule(os_class, kind, form):
    planned = one(kind, phone(os_class))
    assert (planned.form, planned.by) == (form, API)
    assert planned.reason.value == f"seed_{os_class.value}"


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_is_not_other(kind):
    assert one(kind, phone(UNKNOWN)).reason is Reason.SEED_UNKNOWN
    assert one("contact", phone(UNKNOWN)).form is not one("contact", phone(OTHER)).form


@pytest.mark.parametrize("state", [State.UNKNOWN, State.STALE, State.CONFLICT])
@pytest.mark.parametrize("kind", KINDS)
def test_a_phone_of_unknown_class_is_left_to_the_api_whatever_the_policy_says_of_links(state, kind):
    linked = tuple((UNKNOWN, column, LINK) for column in ("contact", "calendar", "pdf"))
    for policy in (Policy(links="own"), Policy(links="own", rule=linked), Policy(rule=linked)):
        assert one(kind, phone(UNKNOWN, state=state), policy).by is API


@pytest.mark.parametrize(("os_class", "kind", "form"), CELLS)
def test_own_links_take_the_place_of_every_link_of_a_known_phone(os_class, kind, form):
    ours = form is LINK and os_class is not UNKNOWN
    assert one(kind, phone(os_class), Policy(links="own")).by is (PLANNER if ours else API)


@pytest.mark.parametrize(("os_class", "kind", "seed"), CELLS)
@pytest.mark.parametrize("form", Form)
def test_a_policy_that_links_where_the_api_would_attach_needs_a_link_of_ours(os_class, kind, seed, form):
    column = "pdf" if kind == "excel" else kind
    planned = one(kind, phone(os_class), Policy(rule=((os_class, column, form),)))
    against_api = form is LINK and seed is ATTACHMENT and os_class is not UNKNOWN
    assert (planned.form, planned.by) == (form, PLANNER if against_api else API)


@pytest.mark.parametrize(("os_class", "kind", "seed"), CELLS)
@pytest.mark.parametrize("form", Form)
def test_a_cell_in_which_the_policy_differs_from_the_seed_has_the_policy_as_reason(
    os_class, kind, seed, form
):
    column = "pdf" if kind == "excel" else kind
    planned = one(kind, phone(os_class), Policy(rule=((os_class, column, form),)))
    assert planned.reason.value == (f"seed_{os_class.value}" if form is seed else "policy_rule")


@pytest.mark.parametrize("state", [State.UNKNOWN, State.STALE])
def test_the_plan_says_why_a_phone_counts_as_unknown(state):
    plan = decide(message(Slide(contact=file())), phone(UNKNOWN, state=state), Policy())
    reason = {State.UNKNOWN: Reason.NO_EVIDENCE, State.STALE: Reason.STALE}[state]
    assert plan.reasons == (reason, Reason.SEED_UNKNOWN, Reason.FITS)


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ((IOS, ANDROID), (ATTACHMENT, LINK, LINK)),
        ((ANDROID, IOS), (ATTACHMENT, LINK, LINK)),
        ((IOS, OTHER), (LINK, LINK, LINK)),
        ((OTHER, IOS), (LINK, LINK, LINK)),
        ((IOS, ANDROID, OTHER), (LINK, LINK, LINK)),
        ((UNKNOWN,), (ATTACHMENT, LINK, LINK)),
    ],
)
def test_in_a_conflict_only_what_every_candidate_takes_is_attached(candidates, expected):
    plan = decide(message(*(Slide(**{k: file()}) for k in KINDS[:3])), conflict(*candidates), Policy())
    assert tuple(o.form for o in plan.objects) == expected
    assert plan.reasons[0] is Reason.CONFLICT


def test_in_a_conflict_the_planner_makes_the_links_that_the_api_would_attach():
    planned = one("pdf", conflict(IOS, ANDROID))
    assert (planned.form, planned.by, planned.reason) == (LINK, PLANNER, Reason.CONFLICT)
    planned = one("pdf", conflict(ANDROID, IOS))
    assert (planned.form, planned.by, planned.reason) == (LINK, API, Reason.SEED_ANDROID)


# What devices and carriers declare.

DEVICE = Policy(evidence="device")


def test_facts_change_nothing_unless_the_policy_asks_for_them():
    facts = {"accepts": (("pdf", True), ("contact", False)), "carrier_refuses": frozenset({"calendar"})}
    for kind in KINDS:
        assert one(kind, phone(ANDROID, **facts)) == one(kind, phone(ANDROID))
        assert one(kind, phone(IOS, **facts)) == one(kind, phone(IOS))


def test_a_device_that_accepts_a_type_gets_it_attached():
    planned = one("contact", phone(OTHER, accepts=(("contact", True),)), DEVICE)
    assert (planned.form, planned.by, planned.reason) == (ATTACHMENT, API, Reason.DEVICE_ACCEPTS)


def test_a_device_that_refuses_a_type_gets_a_link_of_ours():
    planned = one("calendar", phone(IOS, accepts=(("calendar", False),)), DEVICE)
    assert (planned.form, planned.by, planned.reason) == (LINK, PLANNER, Reason.DEVICE_REFUSES)


@pytest.mark.parametrize("stated", [(), (("pdf", None),), (("calendar", True),)])
def test_a_device_that_says_nothing_of_a_type_leaves_the_rule(stated):
    assert one("pdf", phone(ANDROID, accepts=stated), DEVICE) == one("pdf", phone(ANDROID))


def test_what_the_device_declares_as_the_rule_does_keeps_the_rules_reason():
    assert one("pdf", phone(IOS, accepts=(("pdf", True),)), DEVICE).reason is Reason.SEED_IOS
    assert one("pdf", phone(ANDROID, accepts=(("pdf", False),)), DEVICE).reason is Reason.SEED_ANDROID


def test_excel_is_accepted_where_pdf_is():
    assert one("excel", phone(ANDROID, accepts=(("pdf", True),)), DEVICE).reason is Reason.DEVICE_ACCEPTS


@pytest.mark.parametrize(("kind", "refused"), [("pdf", "pdf"), ("excel", "pdf"), ("excel", "excel")])
def test_a_carrier_that_refuses_a_type_has_the_last_word(kind, refused):
    profile = phone(ANDROID, accepts=(("pdf", True),), carrier_refuses=frozenset({refused}))
    planned = one(kind, profile, DEVICE)
    assert (planned.form, planned.reason) == (LINK, Reason.CARRIER_REFUSES_TYPE)


def test_a_carrier_that_refuses_excel_passes_pdf():
    assert one("pdf", phone(IOS, carrier_refuses=frozenset({"excel"})), DEVICE).form is ATTACHMENT


# Sizes.


def test_the_size_counts_texts_attached_objects_media_and_the_links_that_stand_in_texts():
    policy = Policy(link_length=50)
    sent = message(Slide(text="Grüße", contact=file(300)), Slide(pdf=file(10_000)), picture(20_000))
    plan = decide(sent, phone(ANDROID), policy)
    assert plan.size.raw_bytes == len("Grüße".encode()) + 300 + (1 + 50) + 20_000
    assert plan.size.wire_bytes == wire_size(plan.size.raw_bytes)


@pytest.mark.parametrize(
    ("account", "limited_by", "limit"),
    [
        (None, LimitedBy.CARRIER, 5_000),
        (4_999, LimitedBy.ACCOUNT, 4_999),
        (5_000, LimitedBy.CARRIER, 5_000),
        (5_001, LimitedBy.CARRIER, 5_000),
    ],
)
def test_the_plan_names_whose_limit_ruled(account, limited_by, limit):
    profile = phone(limit_raw=5_000, limited_by=LimitedBy.CARRIER)
    size = decide(message(Slide(text="Hi")), profile, Policy(message_raw_bytes_max=account)).size
    assert (size.limited_by, size.limit_wire_bytes) == (limited_by, wire_size(limit))


@pytest.mark.parametrize(
    ("count", "reasons"),
    [
        (97_987, {Reason.SEED_IOS, Reason.FITS}),  # 135,057 of 137,814 bytes on the wire
        (97_988, {Reason.SEED_IOS, Reason.FITS, Reason.TIGHT_FIT}),
        (100_000, {Reason.SEED_IOS, Reason.FITS, Reason.TIGHT_FIT}),
        (100_001, {Reason.MOVED_FOR_SIZE}),
    ],
)
def test_a_plan_within_two_percent_of_its_limit_says_so(count, reasons):
    plan = decide(message(Slide(pdf=file(count))), phone(IOS, 100_000), Policy())
    assert set(plan.reasons) == reasons


def test_without_a_size_the_plan_goes_out_and_says_that_fitting_was_not_checked():
    plan = decide(message(Slide(pdf=file(None)), Slide(image=file(None))), phone(), Policy())
    assert plan.channel is Channel.MMS
    assert Reason.SIZE_UNKNOWN in plan.reasons
    assert Reason.FITS not in plan.reasons
    assert plan.media[0].max_bytes is None
    assert plan.media[0].reason is Reason.SIZE_UNKNOWN


# The ladder.

EVERYTHING = message(
    Slide(text="See you", contact=file(2_000)),
    Slide(calendar=file(2_000)),
    Slide(pdf=file(900_000)),
    picture(200_000),
    sound(200_000),
    film(400_000),
)


def test_the_ladder_comes_down_in_order():
    steps, scores = [], []
    for limit in range(1_800_000, 0, -1_000):
        plan = decide(EVERYTHING, phone(IOS, limit), Policy())
        scores.append(score(plan, EVERYTHING, Policy()))
        moved = [o.kind for o in plan.objects if o.reason is Reason.MOVED_FOR_SIZE]
        reduced = [m.kind for m in plan.media if m.action is Action.REDUCE]
        step = (plan.channel.value, tuple(moved), tuple(reduced))
        if step not in steps:
            steps.append(step)
    assert scores == sorted(scores, reverse=True)
    assert steps == [
        ("mms", (), ()),
        ("mms", (), ("image",)),
        ("mms", (), ("image", "audio", "video")),
        ("mms", ("pdf",), ()),
        ("mms", ("pdf",), ("image",)),
        ("mms", ("pdf",), ("image", "audio", "video")),
        ("mms", ("calendar", "pdf"), ("image", "audio", "video")),
        ("mms", ("contact", "calendar", "pdf"), ("image", "audio", "video")),
        ("sms", (), ()),
    ]
    forbidden = replace(EVERYTHING, disable_fallback=True)
    assert decide(forbidden, phone(IOS, 0), Policy()).channel is Channel.NONE


def test_images_alone_are_reduced_while_that_is_enough():
    plan = decide(message(picture(300_000), film(300_000)), phone(IOS, 500_000), Policy())
    assert actions(plan) == [("image", 200_000), ("video", None)]


def test_then_all_media_share_what_is_left_in_proportion_to_size():
    plan = decide(message(picture(300_000), film(600_000)), phone(IOS, 300_000), Policy())
    assert actions(plan) == [("image", 100_000), ("video", 200_000)]


def test_a_file_at_its_floor_leaves_the_rest_to_the_others():
    plan = decide(message(picture(20_000), film(600_000)), phone(IOS, 200_000), Policy())
    assert actions(plan) == [("image", 11_520), ("video", 200_000 - 11_520)]


def test_no_byte_is_lost_to_rounding():
    plan = decide(message(*[picture(100_000, 10, 10)] * 3), phone(IOS, 200_000), Policy())
    assert actions(plan) == [("image", 66_667), ("image", 66_667), ("image", 66_666)]


def test_a_film_is_never_touched_for_a_byte_that_rounding_lost():
    sent = message(*[picture(100_000, 10, 10)] * 3, film(100_000, 0.1))
    for limit in range(250_000, 250_010):
        assert actions(decide(sent, phone(IOS, limit), Policy()))[3] == ("video", None)


@pytest.mark.parametrize(
    ("slide", "floor"),
    [
        (picture(500_000), 11_520),  # 76,800 pixels at 0.15 bytes
        (picture(500_000, 160, 120), 10_000),
        (film(500_000, 20), 250_000),
        (sound(500_000, 20), 30_000),
        (sound(500_000, content_type="audio/amr"), 500_000),
        (sound(500_000, content_type="Audio/AMR; rate=8000"), 500_000),
        (film(500_000, None), 500_000),
        (Slide(image=file(500_000, width=640)), 500_000),
        (film(1_000, 20), 1_000),
    ],
)
def test_media_are_not_reduced_below_their_floor(slide, floor):
    assert decide(message(slide), phone(IOS, floor), Policy()).channel is Channel.MMS
    assert decide(message(slide), phone(IOS, floor - 1), Policy()).channel is Channel.SMS


@pytest.mark.parametrize(
    ("transcoding", "channels"),
    [("on", ("mms", "mms", "mms")), ("images", ("mms", "sms", "sms")), ("off", ("sms", "sms", "sms"))],
)
def test_only_what_the_account_transcodes_can_be_reduced(transcoding, channels):
    policy = Policy(transcoding=transcoding)
    slides = picture(500_000), sound(500_000), film(500_000)
    assert tuple(decide(message(s), phone(IOS, 300_000), policy).channel for s in slides) == channels


def test_the_least_valuable_objects_become_links_first():
    sent = message(*(Slide(**{kind: file(10_000)}) for kind in KINDS))
    moved = {
        room: [o.kind for o in decide(sent, phone(IOS, room), Policy()).objects if o.form is LINK]
        for room in (40_000, 30_100, 21_000, 11_000, 1_000)
    }
    assert moved == {
        40_000: [],
        30_100: ["excel"],
        21_000: ["pdf", "excel"],
        11_000: ["calendar", "pdf", "excel"],
        1_000: list(KINDS),
    }


def test_the_policy_says_what_an_attached_object_is_worth():
    sent = message(Slide(contact=file(10_000)), Slide(pdf=file(10_000)))
    assert forms(decide(sent, phone(IOS, 15_000), Policy())) == [("contact", ATTACHMENT), ("pdf", LINK)]
    dear = Policy(values=(("pdf", 5),))
    assert forms(decide(sent, phone(IOS, 15_000), dear)) == [("contact", LINK), ("pdf", ATTACHMENT)]


@pytest.mark.parametrize("sizes", [(5_000, 50_000, 6_000), (50_000, 6_000, 5_000)])
def test_of_objects_worth_the_same_the_smallest_stay(sizes):
    sent = message(*(Slide(pdf=file(size)) for size in sizes))
    plan = decide(sent, phone(IOS, 20_000), Policy())
    assert [o.form for o in plan.objects] == [LINK if size == 50_000 else ATTACHMENT for size in sizes]


def test_two_small_objects_can_be_worth_more_than_one_that_is_dear():
    sent = message(Slide(contact=file(50_000)), Slide(calendar=file(5_000)), *[Slide(pdf=file(5_000))] * 2)
    plan = decide(sent, phone(IOS, 50_500), Policy())
    assert [o.form for o in plan.objects] == [LINK, ATTACHMENT, ATTACHMENT, ATTACHMENT]


def test_media_are_reduced_to_the_floor_before_an_object_is_moved():
    sent = message(Slide(pdf=file(50_000)), film(400_000, 4))
    plan = decide(sent, phone(IOS, 100_000), Policy())
    assert (forms(plan), actions(plan)) == ([("pdf", ATTACHMENT)], [("video", 50_000)])
    plan = decide(sent, phone(IOS, 99_999), Policy())
    assert (forms(plan), actions(plan)) == ([("pdf", LINK)], [("video", 99_999 - 65)])


def test_an_object_that_was_moved_is_a_link_of_ours_even_for_an_unknown_phone():
    planned = one("contact", phone(UNKNOWN, 900))
    assert (planned.form, planned.by, planned.reason) == (LINK, PLANNER, Reason.MOVED_FOR_SIZE)


def test_an_object_smaller_than_its_link_is_not_moved():
    sent = message(Slide(contact=file(30)), Slide(pdf=file(10_000)))
    assert forms(decide(sent, phone(IOS, 5_000), Policy())) == [("contact", ATTACHMENT), ("pdf", LINK)]
    plan = decide(sent, phone(IOS, 94), Policy())
    assert (plan.channel, plan.size.raw_bytes) == (Channel.SMS, 30 + 65)


def test_a_message_with_more_objects_than_the_api_takes_is_decided_in_no_time():
    sent = message(*(Slide(**{kind: file(1_000 + n) for kind in KINDS}) for n in range(8)))
    plan = decide(sent, phone(IOS, 20_500), Policy())
    assert len(plan.objects) == 32
    assert [o.slide for o in plan.objects if o.kind == "contact" and o.form is LINK] == []
    assert plan.size.wire_bytes <= plan.size.limit_wire_bytes


# The fallback.


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"handset_takes_mms": False}, Reason.NO_MMS_HANDSET),
        ({"carrier_takes_mms": False}, Reason.NO_MMS_CARRIER),
        ({"handset_takes_mms": False, "carrier_takes_mms": False}, Reason.NO_MMS_HANDSET),
        ({"limit": WireBytes(0)}, Reason.TOO_LARGE),
    ],
)
def test_what_cannot_go_as_mms_goes_as_sms_or_not_at_all(changed, reason):
    sent = message(Slide(text="Hi", pdf=file()), picture(1_000))
    plan = decide(sent, phone(IOS, **changed), Policy())
    assert (plan.channel, plan.via, plan.reasons) == (Channel.SMS, Via.TEXT_MMS, (reason,))
    assert {o.form for o in plan.objects} == {LINK}
    assert {o.reason for o in plan.objects} | {m.reason for m in plan.media} == {reason}
    routed = decide(sent, phone(IOS, **changed), Policy(sms_route="sms_api"))
    assert (routed.channel, routed.via, routed.reasons) == (Channel.SMS, Via.SMS_API, (reason,))
    forbidden = decide(replace(sent, disable_fallback=True), phone(IOS, **changed), Policy())
    assert (forbidden.channel, forbidden.via, forbidden.sms) == (Channel.NONE, None, None)
    assert forbidden.reasons == (reason, Reason.FALLBACK_DISABLED)


@pytest.mark.parametrize("stated", [None, True])
def test_a_phone_and_a_carrier_of_which_nothing_is_said_get_the_mms(stated):
    profile = phone(IOS, handset_takes_mms=stated, carrier_takes_mms=stated)
    assert decide(message(Slide(text="Hi")), profile, Policy()).channel is Channel.MMS


@pytest.mark.parametrize(
    ("slides", "reason"),
    [
        ([film(400_000, 10)], Reason.VIDEO_CANNOT_SHRINK),
        ([film(400_000, None)], Reason.VIDEO_CANNOT_SHRINK),
        ([film(400_000, 10), picture(300_000)], Reason.VIDEO_CANNOT_SHRINK),
        ([film(400_000, 10), sound(400_000, 200)], Reason.TOO_LARGE),
        ([sound(400_000, 200)], Reason.TOO_LARGE),
    ],
)
def test_a_video_that_is_too_large_alone_is_named_as_the_reason(slides, reason):
    plan = decide(message(*slides), phone(IOS, 100_000), Policy())
    assert (plan.channel, plan.reasons) == (Channel.SMS, (reason,))


def test_an_sms_plan_shows_the_smallest_mms_that_was_possible():
    sent = message(Slide(pdf=file(90_000)), picture(300_000), film(400_000, 20))
    size = decide(sent, phone(IOS, 200_000), Policy()).size
    assert size.raw_bytes == 65 + 11_520 + 250_000
    assert size.wire_bytes > size.limit_wire_bytes


@pytest.mark.parametrize(
    ("host", "changed", "text", "segments"),
    [
        ("", {}, "Look:", 1),
        ("m.example.com", {}, "Look: https://m.example.com/m/{link:page}-----", 1),
        ("http://m.example.com/", {}, "Look: http://m.example.com/m/{link:page}-----", 1),
        ("m.example.com", {"disable_fallback_link": True}, "Look:", 1),
        ("m.example.com", {"fallback_text": ""}, "https://m.example.com/m/{link:page}-----", 1),
        ("m.example.com", {"fallback_text": None}, "https://m.example.com/m/{link:page}-----", 1),
        (
            "m.example.com",
            {"fallback_text": "x" * 119},
            "x" * 119 + " https://m.example.com/m/{link:page}-----",
            1,
        ),
        (
            "m.example.com",
            {"fallback_text": "x" * 120},
            "x" * 120 + " https://m.example.com/m/{link:page}-----",
            2,
        ),
    ],
)
def test_the_sms_ends_with_a_link_of_its_final_length(host, changed, text, segments):
    sent = replace(message(Slide(text="Hi")), **changed)
    sms = decide(sent, phone(handset_takes_mms=False), Policy(link_host=host)).sms
    assert (sms.text, sms.segments, sms.encoding) == (text, segments, "gsm7")


def test_an_sms_with_a_route_has_its_link_even_before_a_link_host_is_known():
    sms = decide(message(Slide(text="Hi")), phone(handset_takes_mms=False), Policy(sms_route="sms_api")).sms
    assert sms.text == "Look: {link:page}" + "-" * 53
    bare = message(Slide(text="Hi"), disable_fallback_link=True)
    assert decide(bare, phone(handset_takes_mms=False), Policy(sms_route="sms_api")).sms.text == "Look:"


# Values.


def test_equal_arguments_give_equal_plans_and_the_policys_name_does_not_count():
    plan = decide(EVERYTHING, phone(), Policy())
    assert plan == decide(EVERYTHING, phone(), Policy())
    assert plan.policy_version == decide(EVERYTHING, phone(), Policy(name="other")).policy_version


def test_the_score_puts_the_channel_first_then_objects_then_bytes_then_changes():
    sent = message(Slide(contact=file(1_000)), Slide(pdf=file(1_000)), picture(100_000))
    as_is = decide(sent, phone(IOS), Policy())
    assert score(as_is, sent, Policy()) == (2, 4, 1, 0)
    reduced = decide(sent, phone(IOS, 52_000), Policy())
    assert score(reduced, sent, Policy()) == (2, 4, 0.5, -1)
    linked = decide(sent, phone(OTHER), Policy())
    assert score(linked, sent, Policy()) == (2, 0, 1, -2)
    text = decide(sent, phone(IOS, 10), Policy())
    assert score(text, sent, Policy())[:2] == (1, 0)
    assert (
        score(decide(replace(sent, disable_fallback=True), phone(IOS, 10), Policy()), sent, Policy())[0] == 0
    )


# Golden cases: plain files, see tests/cases/README.md.

GOLDEN = sorted((CASES / "decisions").glob("*.json"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_decision(path):
    case = json.loads(path.read_text(encoding="utf-8"))
    profile = dict(case["profile"])
    plan = decide(
        Message.from_dict(case["message"]),
        Profile(
            os_class=OsClass(profile.pop("os_class")),
            state=State(profile.pop("state")),
            candidates=tuple(map(OsClass, profile.pop("candidates"))),
            limit=WireBytes(profile.pop("limit_wire_bytes")),
            limited_by=LimitedBy(profile.pop("limited_by")),
            accepts=tuple(profile.pop("accepts", {}).items()),
            carrier_refuses=frozenset(profile.pop("carrier_refuses", [])),
            handset_takes_mms=profile.pop("handset_takes_mms", None),
            carrier_takes_mms=profile.pop("carrier_takes_mms", None),
        ),
        Policy.from_dict(case["policy"]),
    )
    assert profile == {}
    fingerprints = {
        "message_hash": plan.message_hash,
        "policy": {"name": "default", "version": plan.policy_version},
    }
    expected = case["plan"] | fingerprints
    assert plan.to_dict() == expected
    assert json.loads(json.dumps(plan.to_dict())) == expected
    assert Plan.from_dict(expected) == plan
    assert Plan.from_dict(expected).to_dict() == expected


def test_there_are_golden_decisions_for_every_channel_and_class():
    plans = [json.loads(path.read_text(encoding="utf-8"))["plan"] for path in GOLDEN]
    assert {plan["channel"] for plan in plans} == {"mms", "sms", "none"}
    assert {plan["via"] for plan in plans} == {"mms", "sms_api", "text_mms", None}
    assert {plan["os_class"] for plan in plans} == {"ios", "android", "other", "unknown"}
    assert {plan["state"] for plan in plans} == {"known", "stale", "unknown", "conflict"}
