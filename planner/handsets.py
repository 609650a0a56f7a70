"""Handsets: what is known about one number, how it is learnt, and how it is read.

Learning is a fold that cannot go wrong: of each statement (source, string, carrier) the newest is kept,
nothing else is decided. So any order and any repetition of the same observations gives the same handset,
and a better rule or a person's correction of what a string means changes no handset at all.

Reading decides: ageing first, then per source the newest string that states the OS class and the newest
that states a model, then receipt before hit before hint. The result is a `Profile`, all that a decision
may look at, hashable, so that equal phones share one decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from planner import identify, policies
from planner.msisdn import Msisdn
from planner.observations import Observation, Source
from planner.policies import OsClass, RawBytes, WireBytes

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
ACCEPT_ATTRIBUTES = {"contact": "mms_vcard", "calendar": "mms_icalendar", "pdf": "mms_pdf"}


class State(StrEnum):
    """How well a phone is known."""

    KNOWN = "known"
    STALE = "stale"
    UNKNOWN = "unknown"
    CONFLICT = "conflict"


class LimitedBy(StrEnum):
    """Whose limit rules a message."""

    DEVICE = "device"
    CARRIER = "carrier"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Handset:
    """One number with its evidence: of each statement the newest observation, in a fixed order."""

    number: Msisdn
    evidence: tuple[Observation, ...] = ()

    @property
    def operator_id(self) -> str:
        """The carrier that was named last, or empty."""
        return _named_last(self.evidence)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a decision may look at: capabilities, with ageing applied and limits resolved.

    `candidates` are the classes the phone may be of (several only in a conflict). `accepts` says for each
    kind of object what the device declares (None: not stated). `limit` is in wire bytes.
    """

    os_class: OsClass
    state: State
    candidates: tuple[OsClass, ...]
    limit: WireBytes
    limited_by: LimitedBy
    accepts: tuple[tuple[str, bool | None], ...] = ()
    carrier_refuses: frozenset[str] = frozenset()
    handset_takes_mms: bool | None = None
    carrier_takes_mms: bool | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A profile with where it comes from: the device and the observations that were believed."""

    profile: Profile
    device_id: str | None
    evidence: tuple[tuple[Observation, str | None], ...]


def recency(observation: Observation) -> tuple[datetime, bool, str, str]:
    """Sort key: newest last; among equal times a stated one, then fixed tie-breaks."""
    return (
        observation.observed_at or BEGINNING,
        not observation.assumed,
        observation.operator_id,
        observation.string,
    )


def _named_last(evidence: Iterable[Observation]) -> str:
    named = [o for o in evidence if o.operator_id]
    return max(named, key=recency).operator_id if named else ""


def statement(observation: Observation) -> tuple[Source, str, str, bool]:
    """Give what an observation says, without its time: of each statement a handset keeps the newest.

    The carrier is a part of it, so a receipt that names none hides none; and an assumed time hides no
    stated one, since which of the two is newer depends on when they were stored.
    """
    return observation.source, observation.string, observation.operator_id, observation.assumed


def learn(handset: Handset, observation: Observation) -> Handset:
    """Fold one settled observation into a handset."""
    assert observation.number == handset.number, "an observation teaches about its own number"
    kept = {statement(o): o for o in handset.evidence}
    key = statement(observation)
    if key in kept and recency(kept[key]) >= recency(observation):
        return handset
    kept[key] = observation
    return replace(handset, evidence=tuple(kept[k] for k in sorted(kept)))


def profile_of(
    handset: Handset,
    as_of: datetime,
    policy: policies.Policy,
    phones: identify.Identifier,
    *,
    operator_id: str | None = None,
    sender: policies.SenderType | None = None,
) -> Reading:
    """Read a handset at a time: what its phone can do, under this policy, from this kind of sender.

    `operator_id` overrides the carrier that the receipts named.
    """
    oldest = as_of - timedelta(days=min(policy.evidence_max_age_days, (as_of - BEGINNING).days))
    meant = [(o, phones.identify(o.string)) for o in sorted(handset.evidence, key=recency, reverse=True)]
    stating = [(o, i) for o, i in meant if i.os_family is not None or i.model is not None]
    live = [(o, i) for o, i in stating if (o.observed_at or BEGINNING) >= oldest]
    sources = sorted({o.source for o, _ in live}, reverse=True)
    believed = [_believe(source, [pair for pair in live if pair[0].source is source]) for source in sources]
    classes = tuple(dict.fromkeys(b.os_class for b in believed if b.os_class is not None))
    state, os_class, candidates = _settle(believed, classes, policy)
    if state is State.UNKNOWN and not live and stating:
        state = State.STALE
    device_ids = _devices(believed, candidates)
    if operator_id is None:
        operator_id = _named_last(o for o in handset.evidence if (o.observed_at or BEGINNING) >= oldest)
    profile = _profile(os_class, state, candidates, device_ids, operator_id, sender, phones.catalogue)
    device_id = device_ids[0] if state is State.KNOWN or (state is State.CONFLICT and classes) else None
    shown = [pair for b in believed for pair in b.evidence] or stating[:1]
    return Reading(profile, device_id, tuple((o, i.device_id) for o, i in shown))


Meaning = tuple[Observation, identify.Identification]


@dataclass(frozen=True, slots=True)
class _Belief:
    """What one source says: the class, the deepest device, and the observations that say so."""

    source: Source
    os_class: OsClass | None
    device_id: str | None
    stated_at: datetime
    evidence: tuple[Meaning, ...]


def _believe(source: Source, said: list[Meaning]) -> _Belief:
    """Take the newest class and the newest model of one source; a model of another class is dropped.

    `said` is what it said, newest first; each states a class or a model.
    """
    by_class = next((pair for pair in said if pair[1].os_family is not None), None)
    family = by_class[1].os_family if by_class else None
    by_model = next((pair for pair in said if pair[1].model is not None), None)
    if by_model and by_model[1].os_family not in {None, family}:
        by_model = None
    pairs = (by_model,) if by_model is by_class else (by_model, by_class)
    used = tuple(pair for pair in pairs if pair)
    return _Belief(
        source=source,
        os_class=OsClass(family) if family else None,
        device_id=next((i.device_id for _, i in used if i.device_id and i.os_family == family), None),
        stated_at=(by_class or used[0])[0].observed_at or BEGINNING,
        evidence=used,
    )


def _settle(
    believed: list[_Belief], classes: tuple[OsClass, ...], policy: policies.Policy
) -> tuple[State, OsClass, tuple[OsClass, ...]]:
    """Decide state, class and candidate classes from what the sources say."""
    if not classes:
        return State.UNKNOWN, OsClass.UNKNOWN, (OsClass.UNKNOWN,)
    if len(classes) == 1:
        return State.KNOWN, classes[0], classes
    stated = {b.source: b for b in believed if b.os_class is not None}
    receipt, hit = stated.get(Source.RECEIPT), stated.get(Source.HIT)
    if receipt is None or hit is None or receipt.os_class is hit.os_class:
        return State.CONFLICT, classes[0], classes
    if (hit.stated_at - receipt.stated_at).days >= policy.conflict_days:
        return State.CONFLICT, OsClass.UNKNOWN, (OsClass.UNKNOWN,)
    return State.CONFLICT, classes[0], classes


def _devices(believed: list[_Belief], candidates: tuple[OsClass, ...]) -> tuple[str | None, ...]:
    """Give the deepest device that is believed of each candidate class; None stands for the generic phone."""
    found: list[str | None] = []
    for os_class in candidates:
        of_class = [b for b in believed if b.os_class is os_class]
        with_model = (b for b in of_class if any(i.model and i.os_family for _, i in b.evidence))
        chosen = next((b for b in (*with_model, *of_class)), None)
        found.append(chosen.device_id if chosen else None)
    return tuple(found)


@lru_cache(maxsize=4096)
def _profile(
    os_class: OsClass,
    state: State,
    candidates: tuple[OsClass, ...],
    device_ids: tuple[str | None, ...],
    operator_id: str,
    sender: policies.SenderType | None,
    catalogue: identify.Catalogue,
) -> Profile:
    """Resolve attributes and limits: the smallest of every candidate device and of the carrier's route.

    There are some thousand different ones, so each is made once, and equal phones share one object.
    """
    carrier = catalogue.carrier(operator_id)
    known = [catalogue.attributes(device_id) for device_id in device_ids]
    sizes = [a.mms_max_size for a in known if a.mms_max_size is not None]
    assert sizes, "the generic node states a size"
    limit, limited_by = policies.wire_size(RawBytes(min(sizes))), LimitedBy.DEVICE
    route = carrier.routes.get(sender.value) if carrier and sender else None
    if route and route.max_bytes is not None:
        bound = (
            policies.wire_size(RawBytes(route.max_bytes))
            if route.unit == "raw"
            else WireBytes(route.max_bytes)
        )
        if bound < limit:
            limit, limited_by = bound, LimitedBy.CARRIER
    undeclared = os_class is OsClass.UNKNOWN
    return Profile(
        os_class=os_class,
        state=state,
        candidates=candidates,
        limit=limit,
        limited_by=limited_by,
        accepts=() if undeclared else tuple(_accepts(known).items()),
        carrier_refuses=route.refuses if route else frozenset(),
        handset_takes_mms=_all_agree([a.receiver for a in known]),
        carrier_takes_mms=carrier.mms if carrier else None,
    )


def _accepts(known: list[identify.Attributes]) -> Mapping[str, bool | None]:
    return {kind: _all_agree([getattr(a, name) for a in known]) for kind, name in ACCEPT_ATTRIBUTES.items()}


def _all_agree(stated: list[bool | None]) -> bool | None:
    """Three-valued: what all say, else not stated."""
    return stated[0] if len(set(stated)) == 1 else None
