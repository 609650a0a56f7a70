"""Mobile operators: their ids in three schemes, and what their MMS routes take from each sender type.

An id is one of Sinch's five digits (`31002`), MCC+MNC (`310410`), or the platform's older seven digits
(`0001470`); postbacks bring all three. Published limits contradict each other, so `carriers.csv` keeps every
published figure as its own row and marks the one in force with `use=yes`. Prices are the policy's, not ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from planner.identify import tables

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = (
    "carrier_id", "name", "country", "operator_ids", "mms", "sender_type", "max_bytes", "unit", "refuses",
    "use", "source", "source_date",
)  # fmt: skip
SENDER_TYPES = ("short_code", "toll_free", "10dlc")
OBJECT_KINDS = frozenset({"contact", "calendar", "pdf", "excel"})


@dataclass(frozen=True, slots=True)
class Route:
    """What one operator takes from one sender type.

    `max_bytes` counts raw (binary) or wire (base64) bytes, as `unit` says; None: nobody published it.
    `refuses` holds the kinds of object that do not get through.
    """

    max_bytes: int | None
    unit: Literal["raw", "wire"]
    refuses: frozenset[str]
    source: str
    source_date: str


@dataclass(frozen=True, slots=True)
class Carrier:
    """One operator; `mms` is None where nobody says whether it takes MMS."""

    carrier_id: str
    name: str
    country: str
    mms: bool | None
    operator_ids: tuple[str, ...]
    routes: Mapping[str, Route]


def build(rows: list[tables.Row]) -> dict[str, Carrier]:
    """Carriers by carrier id; raises `ConfigurationError` with the line of the first fault."""
    routes: dict[str, dict[str, Route]] = {}
    heads: dict[str, tables.Row] = {}
    for row in rows:
        row.need_source()
        if not row["sender_type"]:
            _add_head(row, heads)
        elif row["carrier_id"] not in heads:
            row.refuse(f"no carrier {row['carrier_id']!r} above this route")
        else:
            _add_route(row, routes.setdefault(row["carrier_id"], {}))
    return {
        carrier_id: Carrier(
            carrier_id,
            row["name"],
            row["country"],
            row.flag("mms"),
            row.items("operator_ids"),
            routes.get(carrier_id, {}),
        )
        for carrier_id, row in heads.items()
    }


def by_operator(carriers: Mapping[str, Carrier], rows: list[tables.Row]) -> dict[str, Carrier]:
    """Carriers by each of their operator ids; an id of two carriers is refused."""
    places = {row["carrier_id"]: row for row in rows if not row["sender_type"]}
    index: dict[str, Carrier] = {}
    for carrier in carriers.values():
        row = places[carrier.carrier_id]
        for operator_id in carrier.operator_ids:
            if not (operator_id.isascii() and operator_id.isdigit() and 5 <= len(operator_id) <= 7):
                row.refuse(f"operator id {operator_id!r} is not 5 to 7 digits")
            if operator_id in index:
                row.refuse(
                    f"operator id {operator_id!r} already belongs to {index[operator_id].carrier_id!r}"
                )
            index[operator_id] = carrier
    return index


def _add_head(row: tables.Row, heads: dict[str, tables.Row]) -> None:
    if not row["carrier_id"] or not row["name"]:
        row.refuse("a carrier needs carrier_id and name")
    if row["carrier_id"] in heads:
        row.refuse(f"carrier {row['carrier_id']!r} stands twice")
    heads[row["carrier_id"]] = row


def _add_route(row: tables.Row, routes: dict[str, Route]) -> None:
    sender_type = row.choice("sender_type", SENDER_TYPES)
    unit = cast("Literal['raw', 'wire']", row.choice("unit", ("raw", "wire")))
    refuses = frozenset(row.items("refuses"))
    if refuses - OBJECT_KINDS:
        row.refuse(
            f"refuses must name object kinds ({', '.join(sorted(OBJECT_KINDS))}), got {row['refuses']!r}"
        )
    route = Route(row.number("max_bytes"), unit, refuses, row["source"], row["source_date"])
    if not row.flag("use"):
        return
    if sender_type in routes:
        row.refuse(f"two rows in use for {row['carrier_id']} {sender_type}", "mark one of them `use=no`")
    routes[sender_type] = route
