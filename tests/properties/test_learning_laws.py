"""Laws of learning: what a handset holds depends on what was observed, not on when we heard of it."""

from dataclasses import replace
from datetime import timedelta
from functools import reduce
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from planner import handsets, identify
from planner.handsets import Handset, State
from planner.observations import Observation, Source
from planner.policies import OsClass, Policy
from tests.properties import strategies as some

PHONES = identify.default_identifier()
EVIDENCE = st.lists(some.observations(), max_size=8)


def learnt(observations) -> Handset:
    return reduce(handsets.learn, observations, Handset(some.NUMBER))


def read(observations, as_of=some.NOW, **settings) -> handsets.Reading:
    return handsets.profile_of(learnt(observations), as_of, Policy(**settings), PHONES)


@given(EVIDENCE, st.data())
def test_any_order_and_any_repetition_teach_the_same(observations, data):
    again = data.draw(st.lists(st.sampled_from(observations), max_size=6)) if observations else []
    shuffled = data.draw(st.permutations([*observations, *again]))
    assert learnt(shuffled) == learnt(observations)


@given(EVIDENCE, EVIDENCE)
def test_two_halves_learnt_apart_are_joined_by_learning_one_into_the_other(first, second):
    whole = learnt([*first, *second])
    assert reduce(handsets.learn, learnt(second).evidence, learnt(first)) == whole
    assert reduce(handsets.learn, learnt(first).evidence, learnt(second)) == whole


@given(EVIDENCE)
def test_of_each_statement_the_newest_is_kept(observations):
    kept = learnt(observations).evidence
    newest: dict = {}
    for o in sorted(observations, key=lambda o: o.observed_at):
        newest[o.source, o.string, o.operator_id, o.assumed] = o
    assert list(kept) == [newest[said] for said in sorted(newest)]


@given(EVIDENCE, st.sampled_from(["", "Default"]))
def test_a_receipt_that_says_nothing_new_changes_nothing_that_is_believed(observations, string):
    nothing = Observation(some.NUMBER, Source.RECEIPT, string, some.NOW)
    assert read([*observations, nothing]) == read(observations)


@given(EVIDENCE)
def test_learning_changes_no_handset_that_was_handed_out(observations):
    steps = [Handset(some.NUMBER)]
    for observation in observations:
        steps.append(handsets.learn(steps[-1], observation))
    frozen = [tuple(step.evidence) for step in steps]
    learnt([o for step in steps for o in step.evidence])
    assert [step.evidence for step in steps] == frozen
    for before, after in pairwise(steps):
        assert {(o.source, o.string) for o in before.evidence} <= {
            (o.source, o.string) for o in after.evidence
        }


@given(EVIDENCE, st.integers(0, 600))
def test_every_handset_has_a_profile_that_hangs_together(observations, days):
    reading = read(observations, some.NOW + timedelta(days=days))
    profile = reading.profile
    assert hash(profile) == hash(read(observations, some.NOW + timedelta(days=days)).profile)
    assert profile.candidates[0] is profile.os_class
    assert (profile.os_class is OsClass.UNKNOWN) == (OsClass.UNKNOWN in profile.candidates)
    assert (profile.state is State.KNOWN) <= (profile.os_class is not OsClass.UNKNOWN)
    assert (profile.state in {State.UNKNOWN, State.STALE}) <= (profile.os_class is OsClass.UNKNOWN)
    assert (len(profile.candidates) > 1) <= (profile.state is State.CONFLICT)
    assert reading.evidence or profile.state is State.UNKNOWN
    if reading.device_id is not None:
        assert PHONES.catalogue.attributes(reading.device_id).os_family == profile.os_class


@given(EVIDENCE)
def test_evidence_that_is_too_old_counts_no_more(observations):
    later = some.NOW + timedelta(days=366)
    profile = read(observations, later).profile
    stating = [o for o in observations if PHONES.identify(o.string).os_family]
    assert profile.state is (State.STALE if stating else State.UNKNOWN)
    assert replace(profile, state=State.UNKNOWN) == read([], later).profile


@given(EVIDENCE)
def test_a_live_receipt_rules_the_class_unless_a_later_visit_says_the_phone_was_changed(observations):
    as_of = some.NOW
    stated = [o for o in observations if PHONES.identify(o.string).os_family]
    live = [o for o in stated if as_of - o.observed_at <= timedelta(days=365)]
    newest = {
        source: max((o for o in live if o.source is source), key=handsets.recency)
        for source in {o.source for o in live}
    }
    profile = read(observations).profile
    said = {source: PHONES.identify(o.string).os_family for source, o in newest.items()}
    if not newest:
        assert profile.os_class is OsClass.UNKNOWN
        return
    receipt, hit = newest.get(Source.RECEIPT), newest.get(Source.HIT)
    changed = (
        receipt is not None
        and hit is not None
        and said[Source.RECEIPT] != said[Source.HIT]
        and hit.observed_at - receipt.observed_at >= timedelta(days=30)
    )
    assert profile.os_class == ("unknown" if changed else said[max(newest)])
    assert (profile.state is State.CONFLICT) == (len(set(said.values())) > 1)


@given(EVIDENCE)
def test_more_hints_never_make_a_known_phone_of_another_class(observations):
    firm = [o for o in observations if o.source is not Source.HINT]
    profile = read(firm).profile
    if profile.state is State.KNOWN:
        assert read(observations).profile.os_class is profile.os_class


@given(EVIDENCE)
def test_in_a_conflict_the_limit_is_the_smallest_of_all_candidates(observations):
    profile = read(observations).profile
    for os_class in profile.candidates:
        if os_class is not OsClass.UNKNOWN:
            alone = [o for o in observations if PHONES.identify(o.string).os_family == os_class]
            assert profile.limit <= read(alone).profile.limit
