"""`open_planner`: the flows for a caller, as one object.

It is safe to share between threads, closes with its context, and refuses use after a fork in words that
say what to do. Asynchronous programs call it through `asyncio.to_thread`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from planner import flows, identify, msisdn, policies
from planner.dialects import sinch_mms
from planner.errors import PayloadError, UseError
from planner.flows import Received
from planner.handsets import Handset, Reading, profile_of
from planner.messages import Message
from planner.plans import Plan
from planner.store import Store


class Planner:
    """An open planner: what is known about handsets, and the policy to decide by.

    Made by `open_planner`. `policy` and `phones` are what it decides with; both never change.
    """

    def __init__(
        self, store: Store, policy: policies.Policy, phones: identify.Identifier, *, account: str = "default"
    ) -> None:
        """Join the parts; most callers want `open_planner` instead."""
        self.policy = policy
        self.phones = phones
        self.account = account
        self._store = store

    def __repr__(self) -> str:
        """Tell what it stands on."""
        return f"Planner({self._store.url!r}, policy={self.policy.name!r}, account={self.account!r})"

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Close the database; a second call does nothing."""
        self._store.close()

    def receive(
        self,
        postback: Mapping[str, Any] | bytes | str | Iterable[Mapping[str, Any]],
        *,
        now: datetime | None = None,
    ) -> Received:
        """Take in one postback (a dict, or its raw body) or several (an iterable of dicts).

        Several are one transaction: with one that cannot be read none is taken, and `PayloadError` says which
        rule it broke. `now` is the time of storage; it stands in for a time that a receipt does not have.
        """
        if isinstance(postback, bytes | str):
            decoded = [sinch_mms.parse_postback(postback)]
        elif isinstance(postback, Mapping) or not isinstance(postback, Iterable):
            decoded = [sinch_mms.decode_postback(postback)]
        else:
            decoded = [_decoded(number, document) for number, document in enumerate(postback)]
        return self.receive_decoded(decoded, now=now)

    def receive_decoded(
        self, postbacks: Sequence[sinch_mms.Postback], *, now: datetime | None = None
    ) -> Received:
        """Take in postbacks that a dialect has read, in one transaction."""
        return flows.receive(self._store, self.phones, postbacks, account=self.account, now=_aware(now))

    def plan(
        self,
        message: Message,
        to: str | int,
        *,
        operator: str | None = None,
        as_of: datetime | None = None,
        personal: Mapping[str, str] | None = None,
        on_error: Literal["unknown", "raise"] = "unknown",
        timeout_ms: int = 50,
    ) -> Plan:
        """Plan a message for one number: what goes how, and why.

        `operator` is the carrier's id where you know it better than the receipts. `personal` fills the
        `{{name}}` fields. `as_of` is the time to judge the age of evidence by, now by default. A store that
        does not answer within `timeout_ms` gives the plan for an unknown phone with the reason
        `store_unavailable`, unless `on_error` is `raise`. Raises `NumberError`, and `LintError` for a message
        that the API would refuse or whose sizes are not known.
        """
        if not isinstance(message, Message):
            hint = "build it with Message(...) or Message.from_dict(...)"
            raise UseError(f"expected a Message, got {message!r:.60}", hint=hint, where="message")
        if on_error not in {"unknown", "raise"}:
            raise UseError(f"expected unknown or raise, got {on_error!r}", where="on_error")
        if not isinstance(timeout_ms, int) or timeout_ms < 0:
            raise UseError(f"expected milliseconds, 0 or more, got {timeout_ms!r}", where="timeout_ms")
        return flows.plan(
            self._store,
            self.phones,
            message,
            self.policy,
            to=to,
            as_of=_aware(as_of),
            operator_id=None if operator is None else str(operator),
            personal=_texts(personal),
            on_error=on_error,
            timeout_ms=timeout_ms,
        )

    def hint(self, number: str | int, string: str, *, now: datetime | None = None) -> identify.Identification:
        """Say what phone a number has; receipts and link visits are believed before it.

        Gives what the string was understood as; a string that names no phone is kept, but changes no plan.
        """
        if not isinstance(string, str) or not string.strip():
            raise UseError(f"expected the name of a phone, got {string!r:.60}", where="string")
        parsed = msisdn.parse(number, where="number")
        return flows.hint(self._store, self.phones, parsed, string, now=_aware(now))

    def record(
        self, plan: Plan, answer: Mapping[str, Any], *, now: datetime | None = None
    ) -> sinch_mms.Acknowledgement:
        """Keep the API's answer to `plan.request` that you posted yourself, so that postbacks find it."""
        if not isinstance(plan, Plan):
            raise UseError(f"expected the Plan that was sent, got {plan!r:.60}", where="plan")
        return flows.record(self._store, plan, answer, account=self.account, now=_aware(now))

    def known(self, number: str | int) -> Handset:
        """Give the evidence about a number; an unknown number has none."""
        return self._store.handset(msisdn.parse(number))

    def handsets(self, *, after: msisdn.Msisdn | None = None) -> Iterator[Handset]:
        """Give every number with its evidence, in order, beginning after one; memory stays flat."""
        return self._store.handsets(after=after)

    def read(self, handset: Handset, *, as_of: datetime | None = None) -> Reading:
        """Tell what evidence means under this policy: profile, device, and what was believed."""
        return profile_of(handset, _aware(as_of), self.policy, self.phones)

    def rebuild(self) -> tuple[str, str]:
        """Make the views again from the ledgers; give the state hash before and after."""
        return flows.rebuild(self._store, self.phones)


def open_planner(
    database: str = "sqlite:///planner.db",
    *,
    policy: policies.Policy | str | Path | None = None,
    account: str = "default",
    readonly: bool = False,
) -> Planner:
    """Open a planner on a database; a SQLite file is created and migrated when it has to be.

    `policy` is a `Policy` or the path of a TOML file; without one the seed's rules hold. `readonly` opens an
    existing database that this process will only ask. Raises `ConfigurationError` or `UnavailableError`.
    """
    if policy is None:
        policy = policies.Policy()
    elif not isinstance(policy, policies.Policy):
        policy = policies.Policy.from_file(policy)
    phones = identify.default_identifier()
    return Planner(Store(database, readonly=readonly), policy, phones, account=account)


def _decoded(number: int, document: object) -> sinch_mms.Postback:
    """Read one of several, and say which one cannot be read."""
    try:
        return sinch_mms.decode_postback(document)
    except PayloadError as error:
        raise PayloadError(error.problem, hint=error.hint, where=f"[{number}] {error.where}") from None


def _texts(personal: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Give personal fields as texts; whole numbers are written out, anything else is a mistake."""
    for name, value in (personal or {}).items():
        if not isinstance(value, str) and type(value) is not int:
            raise UseError(f"expected a text, got {value!r:.60}", where=f"personal[{name!r}]")
    return None if personal is None else {str(name): str(value) for name, value in personal.items()}


def _aware(moment: datetime | None) -> datetime:
    """Give the time, or now; a time without a zone could mean anything and is refused."""
    if moment is None:
        return datetime.now(UTC)
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise UseError(f"expected a time with a zone, got {moment!r}", hint="use datetime.now(UTC)")
    return moment.astimezone(UTC)
