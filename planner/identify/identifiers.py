"""From a string to a phone: which reader takes it, and which node of the catalogue the answer is.

The steps, in order: normal form, strings that say nothing, then by form a UAProf URL, a browser or an MMS
client; an alias of the whole string overrides what was read. An answer may be partial, and no answer is
better than a wrong one. Everything is a pure function of the string, the hints and the tables.
"""

from __future__ import annotations

import functools
import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from planner.identify import agents, browsers, catalogues, profiles, strings
from planner.identify.identifications import Identification, Kind, Reading
from planner.identify.rules import load_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.identify.catalogues import Catalogue
    from planner.identify.rules import Rules

_CODE_VERSION = "2"
"""Raise it when the readers change what they answer, so stored answers are made again."""

_CACHE_SIZE = 65_536
"""Strings that one identifier remembers: few phones' strings are most of the traffic."""

# Robots without a browser's form call themselves bots, or give an address; desktops name their system.
_STRANGE = re.compile("bot|://|windows nt|macintosh|x11;")
_NO_HINTS: Mapping[str, str] = {}


class Identifier:
    """Reads strings with one catalogue and one set of rules; safe to share between threads.

    It remembers its answers, up to a bound; nothing else about it ever changes.
    """

    def __init__(self, catalogue: Catalogue, rules: Rules) -> None:
        """Join tables to readers; raises `ConfigurationError` when they do not fit together."""
        profiles.check(rules)
        self.catalogue = catalogue
        self.rules = rules
        self._systems = {platform.device_id: name for name, platform in reversed(rules.platforms.items())}
        both = f"{_CODE_VERSION} {catalogue.version} {rules.version}"
        self.version = hashlib.sha256(both.encode()).hexdigest()[:12]
        """Equal versions give equal answers; stored answers of another version are stale."""
        self._remembered = functools.lru_cache(_CACHE_SIZE)(
            functools.partial(self._identify, hints=_NO_HINTS)
        )

    def identify(self, string: str, hints: Mapping[str, str] | None = None) -> Identification:
        """The phone behind a string, as far as it tells; never raises."""
        # Nobody sends long strings again and again, and they would fill the memory.
        if hints or len(string) > strings.LENGTH_MAX:
            return self._identify(string, hints or _NO_HINTS)
        return self._remembered(string)

    def _identify(self, string: str, hints: Mapping[str, str]) -> Identification:
        text = strings.clean(string)
        lower = text.lower()
        silence = self.rules.silent.get(lower)
        if silence is not None or not text:
            return Identification(kind=Kind.NONE, reason=silence or "empty")
        kind, reading = self._read(text, lower, hints)
        alias = self.catalogue.aliases.get(lower)
        if alias is not None:
            reading = self._of_node(alias, reading)
        return self._identified(kind, reading)

    def _read(self, text: str, lower: str, hints: Mapping[str, str]) -> tuple[Kind, Reading]:
        if profiles.is_url(text):
            return Kind.UAPROF_URL, profiles.read(text, self.rules)
        is_browser = browsers.is_browser(lower)
        may_be_stranger = is_browser or bool(hints) or lower.startswith(self.rules.robots)
        if may_be_stranger or _STRANGE.search(lower):
            stranger = browsers.stranger_of(lower, self.rules)
            if stranger is not None:
                return Kind.BROWSER_UA, Reading(reason=stranger.what)
        if is_browser:
            # `Android-Mms/2.0 (Linux; ...)` is an MMS client that borrows the bracket of a browser.
            kind = Kind.MMS_UA if lower.startswith("android-mms") else Kind.BROWSER_UA
            return kind, browsers.read(text, self.rules, hints)
        return Kind.MMS_UA if "/" in text else Kind.HANDSET_NAME, agents.read(text, self.rules)

    def _of_node(self, device_id: str, reading: Reading) -> Reading:
        known = self.catalogue.attributes(device_id)
        return replace(
            reading,
            brand=known.brand_name or reading.brand,
            model=known.model_name or reading.model,
            marketing_name=known.marketing_name or reading.marketing_name,
            os_name=reading.os_name or self._os_name(device_id),
            device_id=device_id,
            confidence=0.95,
            reason=f"alias of {device_id}",
        )

    def _os_name(self, device_id: str) -> str | None:
        nodes = reversed(self.catalogue.path(device_id))
        return next((self._systems[node] for node in nodes if node in self._systems), None)

    def _identified(self, kind: Kind, reading: Reading) -> Identification:
        device_id = reading.device_id or self._node(reading)
        platform = self.rules.platforms.get(reading.os_name) if reading.os_name else None
        known = self.catalogue.attributes(device_id) if device_id else catalogues.Attributes()
        return Identification(
            device_id=device_id,
            os_family=known.os_family or (platform.os_family if platform else None),
            os_name=reading.os_name,
            os_version=reading.os_version,
            brand=reading.brand,
            model=reading.model,
            marketing_name=reading.marketing_name or known.marketing_name,
            confidence=reading.confidence,
            kind=kind,
            reason=reading.reason or "nothing recognised",
        )

    def _node(self, reading: Reading) -> str | None:
        """The deepest node of the catalogue that the reading fits, never one of another OS class."""
        platform = self.rules.platforms.get(reading.os_name) if reading.os_name else None
        devices = self.catalogue.devices
        for candidate in _candidates(reading, platform.device_id if platform else None):
            if candidate not in devices:
                continue
            family = self.catalogue.attributes(candidate).os_family
            if platform is None or family == platform.os_family:
                return candidate
        return platform.os_family if platform and platform.os_family in devices else None


def _candidates(reading: Reading, os_node: str | None) -> list[str]:
    names: list[str] = []
    brand = strings.slug_of(reading.brand) if reading.brand else None
    if brand is not None:
        names += [
            f"{brand}_{strings.slug_of(name)}" for name in (reading.model, reading.marketing_name) if name
        ]
    if os_node is None:
        return names
    if os_node == "ios":
        names = []  # No model arrives from Apple's phones; the version says more than `iPhone`.
    if brand is not None and os_node != "ios":
        names.append(f"{brand}_{os_node}")
    if reading.os_version is not None:
        names.append(f"{os_node}_{reading.os_version.split('.')[0]}")
    if os_node == "ios" and reading.model is not None:
        names.append(f"apple_{strings.slug_of(reading.model)}")
    names.append(os_node)
    return names


@functools.cache
def default_identifier() -> Identifier:
    """The identifier of the tables that ship with the package, built once."""
    return Identifier(catalogues.default_catalogue(), load_rules(catalogues.data_folder()))


def identify(string: str, hints: Mapping[str, str] | None = None) -> Identification:
    """The phone behind a string, read with the shipped tables; answers without hints are remembered."""
    return default_identifier().identify(string, hints)
