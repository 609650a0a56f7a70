"""What the product does, each story a list of steps: receive, plan, hint, record, rebuild.

A flow opens one transaction, and nothing outside the database happens inside it. Time is an argument.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from planner import content, errors, handsets, identify, msisdn, policies
from planner.decide import decide
from planner.dialects import sinch_mms
from planner.dialects.events import MessageState
from planner.messages import Message
from planner.observations import Observation, Source
from planner.plans import Plan, Reason, Witness
from planner.store import Store, Transaction, ledgers, views

decide_once = lru_cache(maxsize=4096)(decide)
"""Equal messages, profiles and policies share one decision."""

check_once = lru_cache(maxsize=256)(content.check)
"""A message is checked once, not once per recipient; only personal texts make it another message."""


class _Same:
    """Answers for the very same objects, so that a message need not be hashed for each recipient.

    Each answer is kept with what it was asked of, so no other object can have its identity; when there are
    too many, all are forgotten.
    """

    LIMIT = 4096

    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask = ask
        self._kept: dict[tuple[int, ...], tuple[tuple[object, ...], Any]] = {}

    def __call__(self, *asked: object) -> Any:  # noqa: ANN401 - what `ask` gives
        key = tuple(map(id, asked))
        kept = self._kept.get(key)
        if kept is None:
            if len(self._kept) >= self.LIMIT:
                self._kept.clear()
            kept = self._kept[key] = (asked, self._ask(*asked))
        return kept[1]


_decided: Callable[[Message, handsets.Profile, policies.Policy], Plan] = _Same(decide_once)
_checked: Callable[[Message, policies.Policy], None] = _Same(check_once)


@dataclass(frozen=True, slots=True)
class Received:
    """What a batch of postbacks brought, in postbacks; `taught` and `aside` count observations."""

    taken: int = 0
    repeated: int = 0
    unknown_codes: int = 0
    taught: int = 0
    aside: int = 0

    def __add__(self, other: Received) -> Received:
        """Add up batches."""
        return Received(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def receive(
    store: Store,
    phones: identify.Identifier,
    postbacks: Sequence[sinch_mms.Postback],
    *,
    account: str,
    now: datetime,
) -> Received:
    """Take postbacks in: into the ledger once each, and what is new into handsets and message states."""
    store.require_writable()
    keyed = {(account, postback.key): sinch_mms.redacted(postback) for postback in postbacks}
    entries = {key: _entry(account, key[1], postback, now) for key, postback in keyed.items()}
    with store.transaction() as tx:
        fresh = ledgers.add_events(tx, entries.values())
        sent = [entry for key, entry in entries.items() if key in fresh and entry.kind != views.INBOUND]
        views.fold_events(tx, map(_send, sent))
        observed = [o.settled(now) for key, p in keyed.items() if key in fresh for o in p.observations()]
        taught = _learn(tx, phones, observed, now)
    unknown = sum(p.state is MessageState.UNKNOWN for key, p in keyed.items() if key in fresh)
    aside = sum(not o.is_believable(now) for o in observed)
    return Received(len(postbacks), len(postbacks) - len(fresh), unknown, taught, aside)


def hint(
    store: Store, phones: identify.Identifier, number: msisdn.Msisdn, string: str, *, now: datetime
) -> identify.Identification:
    """Take what the customer says about a phone; receipts and hits weigh more."""
    store.require_writable()
    observation = Observation(number, Source.HINT, identify.clean(string), now)
    with store.transaction() as tx:
        _learn(tx, phones, [observation], now)
    return phones.identify(observation.string)


def plan(  # noqa: PLR0913 - each is one thing that a plan depends on, and all are named
    store: Store,
    phones: identify.Identifier,
    message: Message,
    policy: policies.Policy,
    *,
    to: str | int,
    as_of: datetime,
    operator_id: str | None = None,
    personal: Mapping[str, str] | None = None,
    on_error: str = "unknown",
    timeout_ms: int = 50,
) -> Plan:
    """Plan one message for one recipient.

    A store that cannot be asked gives the plan for an unknown phone with the reason `store_unavailable`,
    or raises with `on_error="raise"`: a fault of ours never breaks a send.
    """
    # 1. Who, and what exactly.
    number = msisdn.parse(to)
    said = message
    if personal:
        check_once(message, policy, fields=tuple(personal))
        said = message.personal(personal)
        content.check(said, policy, fields=said.fields())
    else:
        _checked(message, policy)

    # 2. What is known about the phone.
    missing: tuple[Reason, ...] = ()
    try:
        handset = store.handset(number, timeout_ms=timeout_ms)
    except (errors.UnavailableError, errors.ConfigurationError):
        if on_error == "raise":
            raise
        handset, missing = handsets.Handset(number), (Reason.STORE_UNAVAILABLE,)
    sender = policies.sender_type(message.sender or policy.sender)
    reading = handsets.profile_of(handset, as_of, policy, phones, operator_id=operator_id, sender=sender)

    # 3. The decision, for this recipient.
    if personal:
        decision = replace(decide(said, reading.profile, policy), message_hash=message.hash)
    else:
        decision = _decided(said, reading.profile, policy)
    decision = decision.because(*missing)
    evidence = tuple(
        Witness(o.source.label, o.string, o.observed_at, device)
        for o, device in reading.evidence
        if o.observed_at is not None
    )
    return decision.addressed(number, as_of, reading.device_id, evidence)


def record(
    store: Store, planned: Plan, answer: object, *, account: str, now: datetime
) -> sinch_mms.Acknowledgement:
    """Keep what the API answered to a plan that somebody posted; the same answer twice is kept once."""
    store.require_writable()
    acknowledgement = sinch_mms.decode_acknowledgement(answer)
    number = msisdn.parse(planned.to or "", where="plan.to")
    said = sinch_mms.encode_acknowledgement(acknowledgement)
    body = json.dumps({"answer": said, "plan": planned.to_dict()}, sort_keys=True)
    entry = ledgers.Entry(
        account=account,
        key=hashlib.sha256(body.encode()).hexdigest(),
        kind="answer",
        code=acknowledgement.code,
        state=MessageState.ACCEPTED if acknowledgement.accepted else MessageState.REFUSED,
        tracking_id=acknowledgement.tracking_id,
        number=number,
        sent_as="",
        event_at=now,
        stored_at=now,
        body=body,
    )
    with store.transaction() as tx:
        if ledgers.add_events(tx, [entry]):
            views.fold_events(tx, [_send(entry)])
    return acknowledgement


def rebuild(store: Store, phones: identify.Identifier) -> tuple[str, str]:
    """Make the views again from the ledgers; give the state hash before and after."""
    store.require_writable()
    with store.transaction() as tx:
        before = views.state_hash(tx)
        views.rebuild(tx)
        refresh_meanings(tx, phones)
        return before, views.state_hash(tx)


def refresh_meanings(tx: Transaction, phones: identify.Identifier) -> None:
    """Write what each string means under the rules in force, where that is missing or outdated."""
    write_meanings(tx, phones, views.strings_without_meaning(tx, phones.version))


def write_meanings(tx: Transaction, phones: identify.Identifier, strings: Iterable[tuple[int, str]]) -> None:
    """Write what these strings, each with its id, mean under the rules in force."""
    rows = []
    for string_id, text in strings:
        found = phones.identify(text)
        rows.append(
            {
                "string_id": string_id,
                "rules": phones.version,
                "kind": found.kind.value,
                "device_id": found.device_id,
                "os_family": found.os_family,
                "brand": found.brand,
                "model": found.model,
            }
        )
    views.put_meanings(tx, rows)


def _learn(
    tx: Transaction, phones: identify.Identifier, observed: Sequence[Observation], now: datetime
) -> int:
    """Append settled observations and fold what is new; give how many were new and believable."""
    if not observed:
        return 0
    ids, new = ledgers.intern(tx, (o.string for o in observed))
    write_meanings(tx, phones, ((ids[text], text) for text in sorted(new)))
    rows = ledgers.add_observations(tx, observed, ids, now)
    views.fold_observations(tx, rows)
    return len(rows)


def _entry(account: str, key: str, postback: sinch_mms.Postback, now: datetime) -> ledgers.Entry:
    event = postback.event
    return ledgers.Entry(
        account=account,
        key=key,
        kind=views.INBOUND if postback.is_inbound else "postback",
        code=event.code,
        state=event.state.value,
        tracking_id=event.tracking_id,
        number=event.number,
        sent_as=event.sent_as,
        event_at=postback.at,
        stored_at=now,
        body=json.dumps(sinch_mms.encode_postback(postback), sort_keys=True),
    )


def _send(entry: ledgers.Entry) -> dict[str, Any]:
    return {
        "account": entry.account,
        "tracking_id": entry.tracking_id,
        "state": entry.state,
        "code": entry.code,
        "sent_as": entry.sent_as,
    }
