"""What the tests of the store share: taking postbacks in, and asking whether all is in order."""

from datetime import UTC, datetime

from planner import flows, identify
from planner.dialects import sinch_mms
from planner.store import Store, views

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NUMBER = "15555550123"


def receipt(number: str = NUMBER, **fields: str | None) -> dict:
    """A postback of a phone that took an MMS; fields are added or, with None, taken away."""
    document = {
        "origin": "MMS_MT",
        "code": "N102",
        "sent-as": "MMS",
        "status": "Delivered",
        "to": number,
        "tracking-id": f"T-{number}",
        "operator-id": "31003",
        "timestamp": "2026-10-01T12:00:09Z",
        "handset": "iPhoneOS",
    } | {name.replace("_", "-"): value for name, value in fields.items()}
    return {name: value for name, value in document.items() if value is not None}


def take(store: Store, *documents: dict, now: datetime = NOW, account: str = "default") -> flows.Received:
    """Receive documents in one transaction."""
    decoded = [sinch_mms.decode_postback(document) for document in documents]
    return flows.receive(store, identify.default_identifier(), decoded, account=account, now=now)


def hashes(store: Store) -> tuple[str, str]:
    """The state hash of the views, and the one that the ledgers give; equal when all is in order."""
    with store.transaction() as tx:
        return views.state_hash(tx), views.state_hash(tx, from_ledger=True)


def state(store: Store) -> str:
    """The state hash of a database whose views are what its ledgers say."""
    view, ledger = hashes(store)
    assert view == ledger, "the views are not what the ledgers say"
    return view
