r"""UAProf URLs: the best evidence that arrives, since makers put the model into the path.

The host tells the publisher, and with it how the path is written: `data/uaprof_hosts.csv` names one of the
path rules below for each. Hosts of carriers serve many brands; there a path part names the maker. A host that
nobody listed is read with the plainest rule, and only a brand spelled out in the file name is believed.
Profiles are never fetched.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from planner import errors
from planner.identify import tokens
from planner.identify.identifications import Reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.identify.rules import Host, Rules

_URL = re.compile(r"(?:[a-z]{2,5}://)?\s*([^/?#\s:]+)\s*(?::\d+)?[/?#]?(.*)", re.IGNORECASE | re.DOTALL)
_LOOKS_LIKE_URL = re.compile(r"(?:https?|wap)://|[a-z0-9.-]+\.[a-z]{2,4}/\S*\.(?:xml|rdf)$", re.IGNORECASE)
_EXTENSION = re.compile(r"\.(?:xml|rdf|txt|html|aspx|ua|php)\b.*$", re.IGNORECASE)
_PART = re.compile(r"[ _.-]+|[^ _.-]+")
_OWNER_MIN = 5  # Shorter brand names (`Fly`, `HP`) begin too many other words.
# What file names carry beside the model: the words of the trade, network types, builds, dates, versions.
_NOISE = re.compile(
    r"(?:ua|uap|uaprof|uaprofile|useragent|useragentprofile|prof|profile|"
    r"gprs|2g|3g|4g|wcdma|edge|gsm|umts|evdo|cdma|normal|drm|"
    r"jb|kk|ics|l|row|froyo|gingerbread|wap|mms|default|final|new|[vr]?\d{1,2}|[vr]\d+|\d{6,}|[a-z]{3}\d{2}[a-z]?|"
    r"sprint|boost|vmub|vmu|chameleon|sprpre|virgin|tlp)$",
    re.IGNORECASE,
)
_JOINED_NOISE = re.compile(
    r"(?:v\d{3})?(?:gprs|wcdma|umts|3g|2g|uaprof|uaprofile|v\d{3}){1,3}$", re.IGNORECASE
)
# The name of an Android release, or one of its build numbers (`KOT49H`), as a word of the path.
_ANDROID_BUILD = re.compile(
    r"(?:[_/ -])(?:froyo|gb|gingerbread|ics|jb\d?|kk|jellybean|kitkat|lollipop|marshmallow|"
    r"[FGIJKLMN][A-Z]{2}\d{2}[A-Z]?)(?=[_. -])|/android/",
    re.IGNORECASE,
)
_SOFTWARE = re.compile(r"(?:_\d)?_\d{8}$")
_LG_VARIANT = re.compile(r"(?:-[MD]\d{1,2})+$")
_NOKIA_RELEASE = re.compile(r"r\d{3}.*$")
_SONY_RELEASE = re.compile(r"R\d{1,4}[A-Z]{0,3}.*$")
_BLACKBERRY = re.compile(r"\d{4}[a-z]?|[A-Z]{3}\d{3}-\d")


def is_url(text: str) -> bool:
    """Tell whether a cleaned string is a URL, with or without its scheme."""
    return _LOOKS_LIKE_URL.match(text) is not None


def read(url: str, rules: Rules) -> Reading:
    """What the address of a profile tells about the phone."""
    match = _URL.match(url)
    if match is None:
        return Reading(reason="no host")
    name, path = match[1].lower(), match[2]
    reading = _read(name, path, rules)
    if reading.os_name is None and _ANDROID_BUILD.search(path):
        confidence = max(reading.confidence, 0.7)
        return replace(
            reading, os_name="Android", confidence=confidence, reason=reading.reason or "Android build"
        )
    return reading


def _read(name: str, path: str, rules: Rules) -> Reading:
    host = _host(name, rules)
    if host is None:
        return _unlisted(name, path, rules)
    segments = [part.strip() for part in path.split("/") if part.strip()]
    rule, _, argument = host.path_rule.partition(":")
    reading = _PATH_RULES[rule](segments, host, rules, argument)
    if reading.os_name is None and host.os_name is not None:
        reading = replace(reading, os_name=host.os_name)
    return reading


def _host(name: str, rules: Rules) -> Host | None:
    while name:
        found = rules.hosts.get(name)
        if found is not None:
            return found
        _, dot, name = name.partition(".")
        if not dot:
            return None
    return None


def _unlisted(host: str, path: str, rules: Rules) -> Reading:
    """Read an address whose host no table has: only a brand spelled out in it is believed."""
    token = stem(path.rsplit("/", 1)[-1].rsplit("=", 1)[-1])
    brand, rest = tokens.split_brand(token, rules)
    if brand is not None:
        return tokens.of_brand(rest, brand.name, rules)
    reading = tokens.read(token, rules)
    if reading.confidence >= tokens.CERTAIN:
        return reading
    owner = _owner(host, rules)
    return tokens.of_brand(token, owner, rules) if owner else Reading(reason="unlisted UAProf host")


def _owner(host: str, rules: Rules) -> str | None:
    for label in host.split("."):
        brand, _ = tokens.split_brand(label, rules)
        if brand is not None and len(brand.name) >= _OWNER_MIN:
            return brand.name
    return None


def stem(name: str) -> str:
    """A file name without its extension and without the words that are no part of a model."""
    parts: list[str] = _PART.findall(_JOINED_NOISE.sub("", _SOFTWARE.sub("", _EXTENSION.sub("", name))))
    while len(parts) > 1 and (_is_noise(parts[-1]) or _is_separator(parts[-1])):
        parts.pop()
    while len(parts) > 1 and (_is_leading_noise(parts[0]) or _is_separator(parts[0])):
        parts.pop(0)
    return "".join(parts)


def _is_noise(part: str) -> bool:
    return _NOISE.match(part) is not None


def _is_leading_noise(part: str) -> bool:
    return part.lower() in {"ua", "uap", "uaprof", "uaprofile", "profile", "mms", "hw"}


def _is_separator(part: str) -> bool:
    return part[0] in " _.-"


def _file(segments: list[str], host: Host, rules: Rules, argument: str) -> Reading:
    """The file name holds the model, and at times another brand."""
    token = stem(segments[-1]) if segments else ""
    for prefix in filter(None, argument.split("|")):
        if token.lower().startswith(prefix.lower()):
            token = token[len(prefix) :]
            break
    return tokens.read(token, rules, host.brand, _context(host))


def _context(host: Host) -> str:
    return "" if host.brand is None else "host"


def _query(segments: list[str], host: Host, rules: Rules, _: str) -> Reading:
    """The query holds the model: `UAP.aspx?device=AL21`."""
    query = segments[-1].rpartition("?")[2] if segments else ""
    return tokens.read(query.split("&")[0].rpartition("=")[2], rules, host.brand)


def _folders(segments: list[str], host: Host, rules: Rules, argument: str) -> Reading:
    """Two folders name maker and model; `argument` is how many folders stand before them, and the carrier."""
    skip, _, context = argument.partition(":")
    parts = segments[int(skip) :]
    if len(parts) < 2:
        return Reading(reason="UAProf path too short")
    maker = _maker(parts[0], rules)
    return tokens.read(stem(parts[1]), rules, maker or host.brand, context)


def _maker(folder: str, rules: Rules) -> str | None:
    lower = folder.lower()
    brand = rules.spellings.get(lower) or rules.glued.get(lower)
    return brand.name if brand else None


def _ctvap(segments: list[str], host: Host, rules: Rules, _: str) -> Reading:
    """China Telecom: `/uaprof/SCH/SCH_I759_1_20130111.xml`, maker, model, revision, date."""
    token = _SOFTWARE.sub("", _EXTENSION.sub("", segments[-1])) if segments else ""
    head, _, model = token.partition("_")
    maker = _maker(head, rules)
    return tokens.read(model if maker else token, rules, maker or host.brand, "ctvap")


def _nokia(segments: list[str], host: Host, rules: Rules, _: str) -> Reading:
    """`N6300r100.xml`, `NN73-1r100-SB2G.xml`, `Nokia5800i-1r100-2G.xml`: N, model, release."""
    name = _NOKIA_RELEASE.sub("", _EXTENSION.sub("", segments[-1])) if segments else ""
    if name.lower().startswith("nokia"):
        name = name[5:]
    elif name[:1] in "Nn" and len(name) > 1:
        name = name[1:]
    return tokens.of_brand(name, host.brand or "Nokia", rules, "host")


def _sony(segments: list[str], host: Host, rules: Rules, _: str) -> Reading:
    """`LT28hR611.xml`: model, then `R` and the release."""
    name = _SONY_RELEASE.sub("", _EXTENSION.sub("", segments[-1])) if segments else ""
    return tokens.of_brand(name, host.brand or "Sony", rules, "host")


def _lg(segments: list[str], host: Host, rules: Rules, _: str) -> Reading:
    """`D722-M3-D1.xml`: model, then variants of the profile."""
    name = _LG_VARIANT.sub("", _EXTENSION.sub("", segments[-1])) if segments else ""
    return tokens.read(name, rules, host.brand, "host")


def _motorola(segments: list[str], host: Host, rules: Rules, _: str) -> Reading:
    """`/phoneconfig/motoxt157x/Profile/motoxt157x.rdf`: the folder names the phone."""
    name = segments[1] if len(segments) > 1 else ""
    if name.lower().startswith(("moto", "mot-")):
        name = name[4:]
    return tokens.read(name, rules, host.brand, "host")


def _blackberry(segments: list[str], host: Host, rules: Rules, _: str) -> Reading:
    """`/9620_edge/7.1.0.rdf`: number and network, then the version of the system."""
    brand = host.brand or "BlackBerry"
    number = next((match[0] for part in segments if (match := _BLACKBERRY.match(part))), "")
    reading = tokens.of_brand(number, brand, rules)
    version = _EXTENSION.sub("", segments[-1]) if segments else ""
    if not version.replace(".", "").isdigit():
        return reading
    return Reading(
        brand,
        reading.model,
        reading.marketing_name,
        reading.os_name,
        version,
        None,
        reading.confidence,
        reading.reason,
    )


def _htc(segments: list[str], host: Host, rules: Rules, _: str) -> Reading:
    """`/Android/Common/<code or random>/ua-profile.xml`, `/gen/HTC_Touch_Pro2_T7373-1.0.xml`."""
    if segments and segments[0].lower() != "android":
        # Outside that folder stand the phones before Android: Windows Mobile, and a few with Brew.
        reading = tokens.read(stem(segments[-1]), rules, host.brand, "host")
        os_name = "Brew" if segments[0].lower() == "brew" else "Windows Mobile"
        return reading if reading.os_name else replace(reading, os_name=os_name)
    for part in reversed(segments[1:]):
        code = rules.code(host.brand, stem(part))
        if code is not None:
            return tokens.of_brand(stem(part), code.brand, rules)
    # The folder is a random word as often as a code name; an invented model is worse than none.
    return Reading(host.brand, None, None, "Android", None, None, 0.8, "UAProf host")


def _only_host(_segments: list[str], host: Host, _rules: Rules, model: str) -> Reading:
    """The host says all there is; `argument` names the model where there is only one."""
    platform = f"UAProf host of {host.brand or host.os_name or 'nobody'}"
    return Reading(host.brand, model or None, model or None, host.os_name, None, None, 0.9, platform)


_PATH_RULES: dict[str, Callable[[list[str], Host, Rules, str], Reading]] = {
    "file": _file,
    "query": _query,
    "folders": _folders,
    "ctvap": _ctvap,
    "nokia": _nokia,
    "sony": _sony,
    "lg": _lg,
    "motorola": _motorola,
    "blackberry": _blackberry,
    "htc": _htc,
    "host": _only_host,
}


def check(rules: Rules) -> None:
    """Refuse tables whose hosts name a path rule that does not exist."""
    for name, host in rules.hosts.items():
        if host.path_rule.partition(":")[0] not in _PATH_RULES:
            problem = f"unknown path_rule {host.path_rule!r} of host {name!r}"
            raise errors.ConfigurationError(
                problem, hint=f"one of {', '.join(_PATH_RULES)}", where="uaprof_hosts.csv"
            )
