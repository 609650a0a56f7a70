"""The rule tables of identification, read from `data/` and laid out for dictionary look-ups.

Rules are data so that a person can add a host or a code without reading Python; each has a source. A code is
looked up by its longest known beginning, so one row (`SM-G900`) speaks for all variants of a phone, and the
cost does not grow with the number of rows. A code that ends in `$` must match whole; one that ends in `~` is
the form of the letters and digits a model begins with (`K7##~`). The class `other` costs a phone its
attachments, so the loader refuses it on a short beginning or a vague word. What a string looks like around
the token is in the readers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from planner.identify import strings, tables

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")

_SOURCE = ("source", "source_date")
COLUMNS = {
    "brands.csv": ("brand", "os_name", "spellings", "glued", *_SOURCE),
    "codes.csv": ("brand", "code", "alone", "os_name", "sold_as", "marketing_name", *_SOURCE),
    "google_codes.csv": ("code", "model_name", *_SOURCE),
    "platforms.csv": ("os_name", "os_family", "device_id", "words", *_SOURCE),
    "shapes.csv": ("brand", "context", "pattern", "model", *_SOURCE),
    "strangers.csv": ("match", "text", "what", *_SOURCE),
    "uaprof_hosts.csv": ("host", "brand", "os_name", "path_rule", *_SOURCE),
}
PREFIX_MAX = 14
"""No code of ours is longer; bounds the look-up."""

_OTHER_MIN = 3  # A shorter beginning is shared by phones of all classes (`E6`: of 2006, and of 2019).
_WORD_MIN = 4
_EDGES = re.compile(r"^\s|\s$")
# `C3-00` and `3.1` keep their mark here, since without it they would be other phones' `C300` and `31`.
_STEM = re.compile(r"([A-Z]*)[ -]?([0-9]{1,6})(?:([.-])([0-9]{1,2})(?![0-9]))?")
_DIGIT = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Brand:
    """A shop brand; `os_name` is stated only where all its phones have that system."""

    name: str
    os_name: str | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """What the beginning of a model code tells: the system, the shop name, or both."""

    brand: str
    os_name: str | None
    marketing_name: str | None


@dataclass(frozen=True, slots=True)
class Shape:
    """How a brand's short code is written in full, where the context (a carrier) leaves parts out."""

    context: str
    pattern: re.Pattern[str]
    model: str


@dataclass(frozen=True, slots=True)
class Platform:
    """An operating system: its class, its node in the catalogue, and the words that announce it."""

    os_name: str
    os_family: str
    device_id: str


@dataclass(frozen=True, slots=True)
class Host:
    """Who publishes profiles on a host, and how its paths name the phone."""

    brand: str | None
    os_name: str | None
    path_rule: str


@dataclass(frozen=True, slots=True)
class Stranger:
    """A string that is no phone: `what` says what it is."""

    text: str
    what: str


@dataclass(frozen=True, slots=True)
class Rules:
    """All tables, indexed; immutable by convention."""

    version: str = ""
    brands: dict[str, Brand] = field(default_factory=dict)
    spellings: dict[str, Brand] = field(default_factory=dict)
    beginnings: dict[str, list[tuple[str, Brand]]] = field(default_factory=dict)
    glued: dict[str, Brand] = field(default_factory=dict)
    codes: dict[str, dict[str, Code]] = field(default_factory=dict)
    alone: dict[str, Code] = field(default_factory=dict)
    formed: set[str | None] = field(default_factory=set)
    """Brands that have codes written as forms (None: codes that stand alone)."""
    google: dict[str, str] = field(default_factory=dict)
    platforms: dict[str, Platform] = field(default_factory=dict)
    words: list[tuple[str, Platform]] = field(default_factory=list)
    shapes: dict[str, list[Shape]] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)
    starts: list[Stranger] = field(default_factory=list)
    robots: tuple[str, ...] = ()
    contains: list[Stranger] = field(default_factory=list)
    hosts: dict[str, Host] = field(default_factory=dict)

    def code(self, brand: str | None, model: str) -> Code | None:
        """What the most specific known code tells about a model, as people write it (`SM-G900F`)."""
        table = self.alone if brand is None else self.codes.get(brand)
        if table is None:
            return None
        key = strings.key_of(model)
        whole = table.get(key + "$")
        if whole is not None:
            return whole
        stem, marked = _stems(model) if brand in self.formed else ("", ())
        for form in marked:
            if form in table:
                return table[form]
        for size in range(min(len(key), PREFIX_MAX), 0, -1):
            found = table.get(key[:size])
            if found is None and size <= len(stem):
                found = table.get(key[:size] + "#" * (len(stem) - size) + "~")
            if found is not None:
                return found
        return table.get("#" * len(stem) + "~") if stem.isdigit() else None


def _stems(model: str) -> tuple[str, tuple[str, ...]]:
    """The letters and digits a model begins with, and the forms that keep a dash or dot between digits."""
    match = _STEM.match(model.upper())
    if match is None:
        return "", ()
    letters, digits, mark, more = match.groups()
    stem = letters + digits
    if mark is None:
        return stem, ()
    written = f"{stem}{mark}{more}"
    return stem, (f"{written}~", f"{letters}{_DIGIT.sub('#', written[len(letters) :])}~")


def load_rules(folder: Path) -> Rules:
    """Read all rule tables of a folder; raises `ConfigurationError` with file and line."""
    rows = {name: tables.read(folder / name, columns) for name, columns in COLUMNS.items()}
    everything = [row for table in rows.values() for row in table]
    for row in everything:
        row.need_source()
    robots = tuple(row["text"].lower() for row in rows["strangers.csv"] if row["match"] == "starts")
    rules = Rules(version=tables.fingerprint(everything), robots=robots)
    _platforms(rows["platforms.csv"], rules)
    _brands(rows["brands.csv"], rules)
    _codes(rows["codes.csv"], rules)
    _hosts(rows["uaprof_hosts.csv"], rules)
    _shapes(rows["shapes.csv"], rules)
    _strangers(rows["strangers.csv"], rules)
    for row in rows["google_codes.csv"]:
        _put(rules.google, strings.key_of(row["code"]), row["model_name"], row)
    return rules


def _platforms(rows: list[tables.Row], rules: Rules) -> None:
    for row in rows:
        family = row.choice("os_family", ("ios", "android", "other"))
        platform = Platform(row["os_name"], family, row["device_id"])
        _put(rules.platforms, platform.os_name, platform, row)
        rules.words.extend((word, platform) for word in _words(row))


def _words(row: tables.Row) -> list[str]:
    """The words of a platform; pieces that `;` has cut out of a phrase are refused, they say too little."""
    words = row["words"].lower().split(";") if row["words"] else []
    for word in words:
        if _EDGES.search(word) or sum(map(str.isalnum, word)) < _WORD_MIN:
            row.refuse(
                f"{word!r} is no word to tell a system by",
                "a phrase cannot contain `;`, nor begin or end blank",
            )
    return words


def _brands(rows: list[tables.Row], rules: Rules) -> None:
    for row in rows:
        brand = Brand(row["brand"], _platform_of(row, rules))
        _put(rules.brands, brand.name, brand, row)
        for spelling in (brand.name, *row.items("spellings")):
            _put(rules.spellings, spelling.lower(), brand, row)
        for prefix in row.items("glued"):
            _put(rules.glued, prefix.lower(), brand, row)
    for spelling in sorted(rules.spellings, key=len, reverse=True):
        rules.beginnings.setdefault(spelling[:2], []).append((spelling, rules.spellings[spelling]))


def _codes(rows: list[tables.Row], rules: Rules) -> None:
    for row in rows:
        _brand_of(row, rules)
        os_name = _platform_of(row, rules)
        code = Code(row["sold_as"] or row["brand"], os_name, row.text("marketing_name"))
        other = os_name is not None and rules.platforms[os_name].os_family == "other"
        for key in _keys(row, other=other):
            _put(rules.codes.setdefault(row["brand"], {}), key, code, row)
            if row.flag("alone"):
                _put(rules.alone, key, code, row)
            if key.endswith("~"):
                rules.formed.update((row["brand"], None) if row.flag("alone") else (row["brand"],))


def _keys(row: tables.Row, *, other: bool) -> list[str]:
    """The look-up keys of a row's codes; in a beginning, `#` is spelled out as ten digits."""
    keys: list[str] = []
    for written in row.items("code"):
        if written.endswith("~"):
            keys.append(written.upper())
            continue
        end = "$" if written.endswith("$") else ""
        digits = "0123456789" if "#" in written else ("",)
        keys += [strings.key_of(written.replace("#", digit)) + end for digit in digits]
        if len(keys[-1]) > PREFIX_MAX and not end:
            row.refuse(f"code {written!r} is longer than {PREFIX_MAX}")
        if other and not end and len(keys[-1]) < _OTHER_MIN:
            row.refuse(
                f"{written!r} is too short to tell a phone of class `other`", "write the form, like `K7##~`"
            )
    return keys


def _hosts(rows: list[tables.Row], rules: Rules) -> None:
    for row in rows:
        if row["brand"]:
            _brand_of(row, rules)
        host = Host(row.text("brand"), _platform_of(row, rules), row["path_rule"])
        _put(rules.hosts, row["host"].lower(), host, row)


def _shapes(rows: list[tables.Row], rules: Rules) -> None:
    for row in rows:
        _brand_of(row, rules)
        try:
            pattern = re.compile(row["pattern"])
        except re.error as error:
            row.refuse(f"pattern {row['pattern']!r}: {error}")
        rules.shapes.setdefault(row["brand"], []).append(Shape(row["context"], pattern, row["model"]))


def _strangers(rows: list[tables.Row], rules: Rules) -> None:
    for row in rows:
        stranger = Stranger(row["text"].lower(), row["what"])
        match row.choice("match", ("whole", "starts", "contains")):
            case "whole":
                _put(rules.silent, stranger.text, stranger.what, row)
            case "starts":
                rules.starts.append(stranger)
            case _:
                rules.contains.append(stranger)


def _brand_of(row: tables.Row, rules: Rules) -> None:
    if row["brand"] not in rules.brands:
        row.refuse(f"unknown brand {row['brand']!r}", "add it to brands.csv")


def _platform_of(row: tables.Row, rules: Rules) -> str | None:
    name = row.text("os_name")
    if name is not None and name not in rules.platforms:
        row.refuse(f"unknown operating system {name!r}", "add it to platforms.csv")
    return name


def _put(table: dict[str, T], key: str, value: T, row: tables.Row) -> None:
    if key in table:
        row.refuse(f"{key!r} stands twice")
    table[key] = value
