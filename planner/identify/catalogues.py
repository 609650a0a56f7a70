"""The device catalogue: a tree of nodes in which each states only what differs from its parent.

A look-up walks up `fall_back` until somebody states the attribute; the root, `generic`, states enough for a
phone nobody knows. Three tables make it: `devices.csv`, `aliases.csv` and `carriers.csv`. The loader
refuses what would mislead (cycles, orphans, doubles, unknown columns, facts without a source), each with file
and line. Rules that read strings are not here (`rules`), and neither is what a decision makes of the
attributes.
"""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from planner import errors
from planner.identify import carriers as carrier_tables
from planner.identify import tables
from planner.identify.identifications import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = "generic"
LAYERS = ("generic", "os", "os_version", "brand", "model")
OS_FAMILIES = ("ios", "android", "other")
ALIAS_COLUMNS = ("alias", "kind", "device_id", "source", "source_date")


@dataclass(frozen=True, slots=True)
class Attributes:
    """What one node of the catalogue amounts to, its parents included.

    Sizes are binary bytes, widths and heights pixels. Flags have three states: True, False, and None where
    nobody says. `mms_accept` lists MIME types in lower case; empty means that nobody says.
    """

    os_family: str | None = None
    os_version: str | None = None
    brand_name: str | None = None
    model_name: str | None = None
    marketing_name: str | None = None
    resolution_width: int | None = None
    resolution_height: int | None = None
    mms_max_size: int | None = None
    mms_max_width: int | None = None
    mms_max_height: int | None = None
    mms_accept: frozenset[str] = frozenset()
    mms_vcard: bool | None = None
    mms_vcalendar: bool | None = None
    mms_icalendar: bool | None = None
    mms_pdf: bool | None = None
    receiver: bool | None = None


ATTRIBUTES = tuple(field.name for field in fields(Attributes))
_NUMBERS = ("resolution_width", "resolution_height", "mms_max_size", "mms_max_width", "mms_max_height")
_FLAGS = ("mms_vcard", "mms_vcalendar", "mms_icalendar", "mms_pdf", "receiver")
DEVICE_COLUMNS = ("device_id", "fall_back", "layer", *ATTRIBUTES, "source", "source_date", "reviewed")

Value = str | int | bool | frozenset[str]


@dataclass(frozen=True, slots=True)
class Device:
    """One node as its row states it: `stated` holds only what differs from the parent."""

    device_id: str
    fall_back: str | None
    layer: str
    stated: Mapping[str, Value]
    source: str
    source_date: str
    reviewed: bool
    where: str


class Fact(NamedTuple):
    """One attribute of a device, the node it comes from, and who says so."""

    name: str
    value: Value | None
    device_id: str
    source: str
    source_date: str


class Catalogue:
    """All devices, aliases and carriers; immutable once loaded, and safe to share between threads."""

    def __init__(
        self,
        devices: Mapping[str, Device],
        aliases: Mapping[str, str],
        operators: Mapping[str, carrier_tables.Carrier],
        version: str,
    ) -> None:
        """Take tables that the loader has checked; use `load_catalogue` to get one."""
        self.devices = devices
        self.aliases = aliases
        self.version = version
        """A hash of the content: equal facts, equal version."""
        self._operators = operators
        self._attributes: dict[str | None, Attributes] = {}

    def path(self, device_id: str) -> tuple[str, ...]:
        """The ids from the root down to this node; raises `InputError` for an id that is not there."""
        if device_id not in self.devices:
            near = difflib.get_close_matches(device_id, self.devices, n=3, cutoff=0)
            hint = f"did you mean {', '.join(near)}?"
            raise errors.InputError(f"no device {device_id!r} in the catalogue", hint=hint)
        ids = [device_id]
        while (parent := self.devices[ids[-1]].fall_back) is not None:
            ids.append(parent)
        return tuple(reversed(ids))

    def attributes(self, device_id: str | None) -> Attributes:
        """What is known of a device, resolved through its parents.

        None, and an id that a newer table no longer has, give what `generic` says: an unknown phone is
        no error.
        """
        known = self._attributes.get(device_id)
        if known is None:
            known = self._resolve(device_id if device_id in self.devices else ROOT)
            if device_id is None or device_id in self.devices:  # Never grow with ids from outside.
                self._attributes[device_id] = known
        return known

    def trace(self, device_id: str | None) -> list[Fact]:
        """Each attribute with its value, the node that states it, and that node's source."""
        nodes = [self.devices[node] for node in reversed(self.path(device_id or ROOT))]
        facts = []
        for name in ATTRIBUTES:
            node = next((node for node in nodes if name in node.stated), None)
            if node is None:
                facts.append(Fact(name, None, "", "", ""))
            else:
                facts.append(Fact(name, node.stated[name], node.device_id, node.source, node.source_date))
        return facts

    def carrier(self, operator_id: str | None) -> carrier_tables.Carrier | None:
        """The operator behind an id of any of the three schemes; None when nobody knows it."""
        return self._operators.get(operator_id.strip()) if operator_id else None

    def check(self) -> list[str]:
        """What a person should look at, in sentences; empty when all is well.

        The loader has refused what cannot work. This finds what works but is suspect.
        """
        return [problem for device in self.devices.values() for problem in self._doubts(device)]

    def _doubts(self, device: Device) -> list[str]:
        path = self.path(device.device_id)
        found = []
        if device.layer == "model" and self.attributes(device.device_id).brand_name is None:
            found.append(f"{device.where}: model {device.device_id!r} has no brand")
        families = [family for node in path if (family := self.devices[node].stated.get("os_family"))]
        if len(set(families)) > 1:
            found.append(f"{device.where}: {device.device_id!r} changes the OS family of its parent")
        layers = [LAYERS.index(self.devices[node].layer) for node in path]
        if layers != sorted(layers):
            found.append(f"{device.where}: {device.device_id!r} stands under a deeper layer than its own")
        return found

    def _resolve(self, device_id: str | None) -> Attributes:
        stated: dict[str, Value] = {}
        for node in self.path(device_id or ROOT):
            stated.update(self.devices[node].stated)
        return Attributes(**stated)  # type: ignore[arg-type]  # `_stated` builds each by its type


def load_catalogue(folder: Path, *extra: Path) -> Catalogue:
    """Read the tables of one folder, then device tables of the user's own.

    A row of an extra table replaces the row of the same id, so facts can be corrected without touching
    ours. Raises `ConfigurationError` with file and line for anything that cannot be right.
    """
    device_rows = tables.read(folder / "devices.csv", DEVICE_COLUMNS)
    devices = _devices(device_rows)
    for path in extra:
        more = tables.read(path, DEVICE_COLUMNS)
        devices |= _devices(more)
        device_rows += more
    _check_tree(devices)
    alias_rows = tables.read(folder / "aliases.csv", ALIAS_COLUMNS)
    carrier_rows = tables.read(folder / "carriers.csv", carrier_tables.COLUMNS)
    operators = carrier_tables.by_operator(carrier_tables.build(carrier_rows), carrier_rows)
    version = tables.fingerprint([*device_rows, *alias_rows, *carrier_rows])
    return Catalogue(devices, _aliases(alias_rows, devices), operators, version)


def data_folder() -> Path:
    """The folder of the tables: `data/` in a checkout, `planner/_data` in an installed package."""
    package = Path(__file__).resolve().parent.parent
    candidates = (package / "_data", package.parent / "data")
    for folder in candidates:
        if (folder / "devices.csv").is_file():
            return folder
    looked = " and ".join(map(str, candidates))
    raise errors.ConfigurationError(
        "the data tables are missing", where=looked, hint="install the package again"
    )


@functools.cache
def default_catalogue() -> Catalogue:
    """The catalogue that ships with the package, read once."""
    return load_catalogue(data_folder())


def _devices(rows: list[tables.Row]) -> dict[str, Device]:
    devices: dict[str, Device] = {}
    for row in rows:
        device = _device(row)
        if device.device_id in devices:
            row.refuse(
                f"device {device.device_id!r} stands twice", f"first at {devices[device.device_id].where}"
            )
        devices[device.device_id] = device
    return devices


def _device(row: tables.Row) -> Device:
    row.need_source()
    if not row["device_id"]:
        row.refuse("a device without an id")
    return Device(
        device_id=row["device_id"],
        fall_back=row.text("fall_back"),
        layer=row.choice("layer", LAYERS),
        stated=_stated(row),
        source=row["source"],
        source_date=row["source_date"],
        reviewed=row.flag("reviewed") is True,
        where=row.where,
    )


def _stated(row: tables.Row) -> dict[str, Value]:
    if row["os_family"]:
        row.choice("os_family", OS_FAMILIES)
    stated: dict[str, Value] = {}
    for name in ATTRIBUTES:
        value: Value | None
        if name in _NUMBERS:
            value = row.number(name)
        elif name in _FLAGS:
            value = row.flag(name)
        elif name == "mms_accept":
            value = frozenset(map(str.lower, row.items(name))) or None
        else:
            value = row.text(name)
        if value is not None:
            stated[name] = value
    return stated


def _check_tree(devices: Mapping[str, Device]) -> None:
    for device in devices.values():
        if device.fall_back is None and device.device_id != ROOT:
            raise errors.ConfigurationError(
                f"device {device.device_id!r} has no fall_back",
                where=device.where,
                hint=f"only {ROOT!r} has none",
            )
        if device.fall_back is not None and device.fall_back not in devices:
            near = difflib.get_close_matches(device.fall_back, devices, n=1)
            raise errors.ConfigurationError(
                f"orphan: {device.device_id!r} falls back to {device.fall_back!r}, which is not there",
                where=device.where,
                hint=f"did you mean {near[0]!r}?" if near else "add the parent's row",
            )
    if ROOT not in devices:
        raise errors.ConfigurationError(f"the table has no root {ROOT!r}", where="devices.csv")
    sound: set[str] = set()
    for device in devices.values():
        _check_ends(device, devices, sound)


def _check_ends(device: Device, devices: Mapping[str, Device], sound: set[str]) -> None:
    # Walks up to the first node already known to reach the root, so the whole check is linear.
    walked: dict[str, None] = {}
    node: str | None = device.device_id
    while node is not None and node not in sound:
        if node in walked:
            ring = " -> ".join([*walked, node])
            raise errors.ConfigurationError(f"cycle in fall_back: {ring}", where=devices[node].where)
        walked[node] = None
        node = devices[node].fall_back
    sound.update(walked)


def _aliases(rows: list[tables.Row], devices: Mapping[str, Device]) -> dict[str, str]:
    aliases: dict[str, str] = {}
    for row in rows:
        row.need_source()
        row.choice("kind", tuple(kind.value for kind in Kind))
        alias = row["alias"].lower()
        if not alias:
            row.refuse("an alias without a string")
        if alias in aliases:
            row.refuse(f"alias {row['alias']!r} stands twice")
        if row["device_id"] not in devices:
            row.refuse(f"alias of {row['device_id']!r}, which is not in devices.csv")
        aliases[alias] = row["device_id"]
    return aliases
