"""Handsets: what is believed of what was observed, and what the phone can do then.

Most tests use the shipped tables and strings as they really look; the last ones have a catalogue of their
own, for phones and carriers that nobody has yet.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from planner import handsets, identify
from planner.handsets import Handset, LimitedBy, State
from planner.identify import Carrier, Catalogue, Device, Identification, Route
from planner.msisdn import Msisdn
from planner.observations import FUTURE_TOLERANCE, Observation, Source
from planner.policies import OsClass, Policy, SenderType, wire_size

NUMBER = Msisdn("15551230000")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PHONES = identify.default_identifier()

SAMSUNG, ANDROID, IPHONE = "SAMSUNG-ANDROID-MMS/SM-G900F", "Android-Mms/2.0", "iPhoneOS/4.2.1 (8C148)"
NOKIA = "Nokia6230/2.0 (04.43) Profile/MIDP-2.0 Configuration/CLDC-1.1"
IOS_LIMIT, ANDROID_LIMIT, GENERIC_LIMIT = (wire_size(raw) for raw in (2_097_152, 1_048_576, 307_200))


def seen(source: Source, string: str, days_ago: float = 1, operator_id: str = "") -> Observation:
    return Observation(NUMBER, source, string, NOW - timedelta(days=days_ago), operator_id)


def receipt(string: str, days_ago: float = 1, operator_id: str = "") -> Observation:
    return seen(Source.RECEIPT, string, days_ago, operator_id)


def hit(string: str, days_ago: float = 1) -> Observation:
    return seen(Source.HIT, string, days_ago)


def hint(string: str, days_ago: float = 1) -> Observation:
    return seen(Source.HINT, string, days_ago)


def learn(*observations: Observation) -> Handset:
    handset = Handset(NUMBER)
    for observation in observations:
        handset = handsets.learn(handset, observation)
    return handset


def read(*observations: Observation, phones=PHONES, policy=Policy(), **kwargs) -> handsets.Reading:  # noqa: B008 - a value
    return handsets.profile_of(learn(*observations), NOW, policy, phones, **kwargs)


# Learning.


def test_a_newer_observation_that_says_the_same_takes_the_place_of_the_older():
    old, new = receipt(SAMSUNG, 9, "31002"), receipt(SAMSUNG, 2, "31002")
    assert learn(old, new).evidence == learn(new, old).evidence == (new,)


def test_a_receipt_without_carrier_does_not_hide_the_carrier_that_was_named():
    assert learn(receipt(SAMSUNG, 9, "31002"), receipt(SAMSUNG, 2)).operator_id == "31002"


def test_each_source_and_each_string_is_remembered():
    observations = (receipt(SAMSUNG), receipt(ANDROID), hit(SAMSUNG), hint(SAMSUNG))
    assert set(learn(*observations).evidence) == set(observations)


def test_an_assumed_time_hides_no_stated_one_and_a_stated_one_is_believed_first():
    stated, assumed = receipt(SAMSUNG, 0), Observation(NUMBER, Source.RECEIPT, SAMSUNG).settled(NOW)
    assert assumed.assumed
    assert assumed.observed_at == stated.observed_at
    assert set(learn(stated, assumed).evidence) == {stated, assumed}
    assert read(stated, assumed).evidence[0][0] == read(assumed, stated).evidence[0][0] == stated


def test_an_observation_keeps_its_own_time_when_it_is_stored():
    observation = receipt(SAMSUNG, 3)
    assert observation.settled(NOW) is observation
    assert not observation.assumed


def test_a_time_more_than_a_day_ahead_is_not_believed():
    assert receipt(SAMSUNG, -1).is_believable(NOW)
    assert not Observation(NUMBER, Source.RECEIPT, "", NOW + FUTURE_TOLERANCE * 1.001).is_believable(NOW)
    assert Observation(NUMBER, Source.RECEIPT, "").is_believable(NOW)


def test_an_observation_never_teaches_about_another_number():
    with pytest.raises(AssertionError, match="its own number"):
        handsets.learn(Handset(Msisdn("15559999999")), receipt(SAMSUNG))


@pytest.mark.parametrize("source", Source)
def test_the_word_for_a_source_reads_back(source):
    assert Source.from_label(source.label) is source


# Nobody and nothing.


@pytest.mark.parametrize("strings", [(), ("",), ("Default",), ("unknown", "vzmmms1.0"), ("no such phone",)])
def test_no_evidence_and_strings_that_name_no_phone_leave_it_unknown(strings):
    reading = read(*map(receipt, strings))
    assert (reading.profile.state, reading.profile.os_class) == (State.UNKNOWN, OsClass.UNKNOWN)
    assert (reading.device_id, reading.evidence) == (None, ())
    assert (reading.profile.limit, reading.profile.limited_by) == (GENERIC_LIMIT, LimitedBy.DEVICE)
    assert reading.profile.accepts == ()


@pytest.mark.parametrize(
    ("string", "os_class", "device", "limit"),
    [
        (SAMSUNG, OsClass.ANDROID, "samsung_sm_g900f", ANDROID_LIMIT),
        (ANDROID, OsClass.ANDROID, "android", ANDROID_LIMIT),
        (IPHONE, OsClass.IOS, "ios_4", IOS_LIMIT),
        (NOKIA, OsClass.OTHER, "nokia_6230", GENERIC_LIMIT),
    ],
)
@pytest.mark.parametrize("source", Source)
def test_one_string_from_any_source_makes_the_phone_known(source, string, os_class, device, limit):
    reading = read(seen(source, string))
    assert (reading.profile.state, reading.profile.os_class) == (State.KNOWN, os_class)
    assert (reading.device_id, reading.profile.limit) == (device, limit)
    assert [(o.source, o.string, found) for o, found in reading.evidence] == [(source, string, device)]


# Precise and vague strings.


def test_a_vague_string_never_erases_a_precise_one():
    reading = read(receipt(SAMSUNG, 300), receipt(ANDROID, 1))
    assert reading.device_id == "samsung_sm_g900f"
    assert [o.string for o, _ in reading.evidence] == [SAMSUNG, ANDROID]


@pytest.mark.parametrize("nothing", ["", "Default", "vzmmms1.0"])
def test_a_string_that_says_nothing_never_erases_what_is_known(nothing):
    assert read(receipt(SAMSUNG, 20), receipt(nothing, 1)).device_id == "samsung_sm_g900f"


def test_a_newer_model_replaces_an_older_one():
    assert read(receipt(SAMSUNG, 20), receipt("LG-D722 LG-Android-MMS-V4.0/1.2", 2)).device_id.startswith(
        "lg"
    )


def test_a_model_of_another_class_than_a_newer_class_is_dropped():
    reading = read(receipt(NOKIA, 20), receipt(ANDROID, 1))
    assert (reading.profile.os_class, reading.device_id) == (OsClass.ANDROID, "android")
    assert [o.string for o, _ in reading.evidence] == [ANDROID]


def test_a_model_that_was_dropped_does_not_bring_back_the_one_before_it():
    assert read(receipt(SAMSUNG, 30), receipt(NOKIA, 20), receipt(ANDROID, 1)).device_id == "android"


# Several sources.


def test_a_receipt_is_believed_before_a_visit_and_a_visit_before_a_hint():
    alike = (hint("htc6525lvw", 1), hit(SAMSUNG, 2), receipt("LG-D722 LG-Android-MMS-V4.0/1.2", 3))
    assert read(*alike).device_id.startswith("lg")
    assert read(*alike[:2]).device_id == "samsung_sm_g900f"
    assert read(alike[0]).device_id.startswith("htc")


@pytest.mark.parametrize("other", [hit, hint])
def test_another_source_adds_the_model_that_the_receipt_lacks(other):
    reading = read(receipt(ANDROID, 1), other(SAMSUNG, 200))
    assert (reading.profile.state, reading.device_id) == (State.KNOWN, "samsung_sm_g900f")
    assert {o.string for o, _ in reading.evidence} == {ANDROID, SAMSUNG}


def test_a_visit_of_another_class_adds_no_model_but_makes_a_conflict():
    reading = read(receipt(ANDROID, 1), hit(NOKIA, 1))
    assert (reading.profile.state, reading.profile.os_class) == (State.CONFLICT, OsClass.ANDROID)
    assert reading.device_id == "android"
    assert reading.profile.candidates == (OsClass.ANDROID, OsClass.OTHER)
    assert reading.profile.limit == GENERIC_LIMIT


def test_a_hint_of_another_class_than_the_receipt_is_a_conflict_too():
    profile = read(receipt(ANDROID), hint(IPHONE)).profile
    assert (profile.state, profile.candidates) == (State.CONFLICT, (OsClass.ANDROID, OsClass.IOS))


@pytest.mark.parametrize(
    ("days_newer", "os_class"),
    [
        (-40, OsClass.IOS),
        (0, OsClass.IOS),
        (29.99, OsClass.IOS),
        (30, OsClass.UNKNOWN),
        (90, OsClass.UNKNOWN),
    ],
)
def test_a_visit_newer_by_conflict_days_means_that_the_phone_was_changed(days_newer, os_class):
    reading = read(receipt(IPHONE, 100), hit(ANDROID, 100 - days_newer))
    assert (reading.profile.state, reading.profile.os_class) == (State.CONFLICT, os_class)
    assert (reading.device_id is None) == (os_class is OsClass.UNKNOWN)
    assert len(reading.evidence) == 2


def test_the_policy_sets_how_many_days_make_a_changed_phone():
    observations = (receipt(IPHONE, 3), hit(ANDROID, 3))
    assert read(*observations, policy=Policy(conflict_days=0)).profile.os_class is OsClass.UNKNOWN
    assert read(*observations, policy=Policy(conflict_days=10**12)).profile.os_class is OsClass.IOS


def test_in_a_conflict_the_attributes_count_only_where_all_candidates_agree():
    accepts = dict(read(receipt(IPHONE), hit(ANDROID)).profile.accepts)
    assert accepts == {"contact": True, "calendar": None, "pdf": None}


# Age.


@pytest.mark.parametrize(("days", "state"), [(365, State.KNOWN), (365.01, State.STALE), (4000, State.STALE)])
def test_evidence_older_than_a_year_is_stale_and_the_phone_unknown(days, state):
    reading = read(receipt(SAMSUNG, days))
    assert reading.profile.state is state
    assert (reading.profile.os_class is OsClass.UNKNOWN) == (state is State.STALE)
    assert [o.string for o, _ in reading.evidence] == [SAMSUNG]
    assert (reading.device_id is None) == (state is State.STALE)


def test_the_policy_sets_the_age_and_any_age_can_be_counted_back():
    assert read(receipt(SAMSUNG, 10), policy=Policy(evidence_max_age_days=9)).profile.state is State.STALE
    assert (
        read(receipt(SAMSUNG, 10), policy=Policy(evidence_max_age_days=2**53 - 1)).profile.state
        is State.KNOWN
    )


def test_an_old_receipt_makes_no_conflict_with_a_live_visit():
    profile = read(receipt(IPHONE, 400), hit(ANDROID, 300)).profile
    assert (profile.state, profile.os_class) == (State.KNOWN, OsClass.ANDROID)


def test_an_old_class_does_not_drop_a_live_model():
    assert read(receipt(SAMSUNG, 300), receipt(NOKIA, 400)).device_id == "samsung_sm_g900f"


# Carriers.


def test_the_limit_is_that_of_the_route_where_it_is_the_smaller():
    profile = read(receipt(IPHONE, operator_id="31002"), sender=SenderType.TOLL_FREE).profile
    assert (profile.limit, profile.limited_by) == (wire_size(600_000), LimitedBy.CARRIER)
    assert profile.carrier_takes_mms is True


def test_the_kind_of_sender_decides_which_route_counts():
    phone = receipt(IPHONE, operator_id="31002")
    limits = {sender: read(phone, sender=sender).profile for sender in (*SenderType, None)}
    assert limits[SenderType.SHORT_CODE].limit == wire_size(1_050_000)
    assert limits[SenderType.TEN_DLC].limit == wire_size(1_530_843)
    assert "pdf" in limits[SenderType.TEN_DLC].carrier_refuses
    assert (limits[None].limit, limits[None].limited_by) == (IOS_LIMIT, LimitedBy.DEVICE)


def test_the_carrier_that_was_named_last_counts_and_the_caller_knows_better():
    phone = (receipt(IPHONE, 9, "31002"), receipt("", 3, "31004"), receipt("Default", 1))
    assert learn(*phone).operator_id == "31004"
    assert read(*phone, sender=SenderType.SHORT_CODE).profile.limit == IOS_LIMIT
    caller = read(*phone, sender=SenderType.SHORT_CODE, operator_id="310410").profile
    assert caller.limit == wire_size(1_050_000)
    assert read(*phone, sender=SenderType.SHORT_CODE, operator_id="").profile.carrier_takes_mms is None


def test_a_carrier_that_nobody_knows_sets_no_limit():
    profile = read(receipt(IPHONE, operator_id="99999"), sender=SenderType.SHORT_CODE).profile
    assert (profile.limit, profile.carrier_takes_mms) == (IOS_LIMIT, None)


def test_a_carrier_named_too_long_ago_counts_no_more():
    profile = read(receipt("", 400, "31002"), receipt(IPHONE, 2), sender=SenderType.TOLL_FREE).profile
    assert (profile.limit, profile.carrier_takes_mms) == (IOS_LIMIT, None)


# A catalogue of phones and carriers that nobody has.


def device(device_id: str, fall_back: str | None, **stated) -> Device:
    return Device(device_id, fall_back, "model", stated, "a test", "2026-11-22", True, "here")


def route(max_bytes: int | None, unit: str = "raw", refuses: frozenset[str] = frozenset()) -> Route:
    return Route(max_bytes, unit, refuses, "a test", "2026-11-22")


DEVICES = (
    device("generic", None, mms_max_size=300_000, receiver=True),
    device("ios", "generic", os_family="ios", mms_max_size=2_000_000, mms_vcard=True, mms_pdf=True),
    device("android", "generic", os_family="android", mms_max_size=1_000_000, mms_vcard=True),
    device("other", "generic", os_family="other"),
    device("brick", "other", mms_max_size=30_000, receiver=False),
    device("pager", "other", mms_max_size=100, mms_vcard=False),
    device("nameless", "generic", mms_max_size=5),
)
CARRIERS = (
    Carrier("tiny", "Tiny", "US", True, ("11111",), {"short_code": route(1_000, "wire")}),
    Carrier("mute", "Mute", "US", False, ("22222",), {}),
    Carrier("alike", "Alike", "US", True, ("44444",), {"short_code": route(2_000_000)}),
    Carrier(
        "open", "Open", "US", None, ("33333",), {"short_code": route(None, refuses=frozenset({"excel"}))}
    ),
)
MEANINGS = {
    "ios": Identification("ios", "ios"),
    "ios 9": Identification("ios", "ios", model="iPhone"),
    "android": Identification("android", "android"),
    "other": Identification("other", "other"),
    "brick": Identification("brick", "other", model="Brick"),
    "pager": Identification("pager", "other", model="Pager"),
    "model of no class": Identification("nameless", None, model="X1"),
    "model of nothing": Identification(None, None, model="X2"),
}


@dataclass
class Phones:
    """An identifier that knows eight strings."""

    catalogue: Catalogue = field(
        default_factory=lambda: Catalogue(
            {d.device_id: d for d in DEVICES}, {}, {i: c for c in CARRIERS for i in c.operator_ids}, "1"
        )
    )

    def identify(self, string: str) -> Identification:
        return MEANINGS.get(string, Identification())


def read_strange(*observations: Observation, **kwargs) -> handsets.Reading:
    return read(*observations, phones=Phones(), **kwargs)


def test_a_phone_without_mms_is_told_as_such():
    assert read_strange(receipt("brick")).profile.handset_takes_mms is False
    assert read_strange(receipt("pager")).profile.handset_takes_mms is True
    assert read_strange().profile.handset_takes_mms is True


def test_in_a_conflict_a_phone_that_may_take_mms_is_not_refused_it():
    assert read_strange(receipt("brick"), hit("ios")).profile.handset_takes_mms is None


def test_in_a_conflict_the_limit_is_the_smallest_of_the_candidates_devices():
    reading = read_strange(receipt("ios"), hit("pager"))
    assert (reading.device_id, reading.profile.limit) == ("ios", wire_size(100))


@pytest.mark.parametrize("model", ["model of no class", "model of nothing"])
@pytest.mark.parametrize("days", [1, 30])
def test_a_model_that_states_no_class_takes_nothing_from_a_phone_whose_class_is_known(model, days):
    for source in (receipt, hit, hint):
        reading = read_strange(receipt("ios", 10), source(model, days))
        assert (reading.profile.os_class, reading.device_id) == (OsClass.IOS, "ios")
        assert reading.profile.limit == wire_size(2_000_000)


@pytest.mark.parametrize("model", ["model of no class", "model of nothing"])
def test_a_model_that_states_no_class_leaves_the_phone_unknown_but_is_shown(model):
    reading = read_strange(receipt(model))
    assert (reading.profile.state, reading.device_id) == (State.UNKNOWN, None)
    assert reading.profile.limit == wire_size(300_000)
    assert [o.string for o, _ in reading.evidence] == [model]


def test_a_model_without_class_does_not_hide_the_model_of_a_lower_source():
    reading = read_strange(receipt("other"), receipt("model of nothing", 5), hit("pager"))
    assert reading.device_id == "pager"


def test_what_the_device_declares_has_three_values():
    assert dict(read_strange(receipt("pager")).profile.accepts)["contact"] is False
    assert dict(read_strange(receipt("ios")).profile.accepts) == {
        "contact": True,
        "calendar": None,
        "pdf": True,
    }


def test_a_route_in_wire_bytes_is_compared_as_wire_bytes():
    profile = read_strange(receipt("ios", operator_id="11111"), sender=SenderType.SHORT_CODE).profile
    assert (profile.limit, profile.limited_by) == (1_000, LimitedBy.CARRIER)


def test_a_route_greater_than_the_device_does_not_rule():
    profile = read_strange(receipt("pager", operator_id="11111"), sender=SenderType.SHORT_CODE).profile
    assert (profile.limit, profile.limited_by) == (wire_size(100), LimitedBy.DEVICE)


def test_a_route_that_takes_as_much_as_the_device_leaves_the_limit_to_the_device():
    profile = read_strange(receipt("ios", operator_id="44444"), sender=SenderType.SHORT_CODE).profile
    assert (profile.limit, profile.limited_by) == (wire_size(2_000_000), LimitedBy.DEVICE)


def test_a_carrier_says_that_it_takes_mms_or_not_or_nothing():
    taken = {
        i: read_strange(receipt("ios", operator_id=i)).profile.carrier_takes_mms
        for i in ("11111", "22222", "33333")
    }
    assert taken == {"11111": True, "22222": False, "33333": None}


def test_a_route_without_a_figure_still_refuses_types():
    profile = read_strange(receipt("ios", operator_id="33333"), sender=SenderType.SHORT_CODE).profile
    assert (profile.limited_by, profile.carrier_refuses) == (LimitedBy.DEVICE, {"excel"})


def test_equal_phones_share_one_profile():
    one, other = read(receipt(SAMSUNG, 3), hit(ANDROID, 1)), read(receipt(SAMSUNG, 30))
    assert one.profile == other.profile
    assert hash(one.profile) == hash(other.profile)
