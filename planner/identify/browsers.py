"""Browser user agents of link visits, with the client hints that come beside them.

A browser on Android puts the model between the Android version and `Build/`; Apple's say iPhone and the iOS
version, never the model. Those two forms, nearly all of today's traffic, are read here. For older browsers
and for models that our tables cannot give a brand, the user-agents library answers, on the engine of
ua-parser; they are imported when first needed, since that takes longer than most commands. Robots, previews
and desktop browsers name no phone: the known ones by `strangers.csv`, the others by the library. Whether a
visit was a person's is decided elsewhere.
"""

from __future__ import annotations

import functools
import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from planner.identify import agents, tokens
from planner.identify.identifications import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from user_agents.parsers import UserAgent

    from planner.identify.rules import Rules, Stranger

_BROWSER_START = (
    "mozilla/", "opera/", "dalvik/", "ucweb/", "whatsapp/", "yahoomobile", "mqqbrowser/", "ibrowser/", "juc",
)  # fmt: skip
_BROWSER_WORD = (
    "applewebkit",
    "gecko/",
    "presto/",
    "ucbrowser",
    "(linux; ",
    "chrome/",
    "like gecko",
    "okhttp",
    "cfnetwork",
)
_ANDROID = re.compile(r"\b(?:Android|Adr)[ /-]?(\d{1,2}(?:\.\d{1,3}){0,3})?(?:-[a-z0-9]+)?", re.IGNORECASE)
_IOS_VERSION = re.compile(r"(?:iPhone OS|CPU OS|iPh OS|iOS)[ /](\d{1,2})(?:[_.](\d{1,2}))?(?:[_.](\d{1,2}))?")
_SAFARI_VERSION = re.compile(r"Version/(\d{1,2}(?:\.\d{1,2}){0,2})")
# Systems that name Android only so that sites treat them alike.
_ANDROID_LOOKALIKES = ("tizen", "kaios", "sailfish", "(bb10", "like android", "webos")
_LOCALE = re.compile(
    r"[a-z]{2}(?:[-_][a-zA-Z]{2,4})?$|[a-z]{2}-$|\*$|U$|rv:[\d.]+$|arm_?\d*$|x86\w*$|Mobile$|Tablet$|TV$"
)
_PARTS = re.compile(r"[;,]| (?=[A-Z])")
_PLACEHOLDERS = {"", "k", "unknown", "null", "generic", "android", "mobile", "smartphone", "default", "linux"}
_LIBRARY_BLANKS = {
    "generic", "generic_android", "generic_android_tablet", "generic_smartphone", "generic_feature_phone",
    "spider", "touch", "kbd", "feature phone", "desktop", "mac", "k",
}  # fmt: skip
# Words that robots have in their agents, and few phones (Cubot): the library tells which it is.
_ROBOTIC = ("bot", "http", "crawl", "spider", "preview", "monitor", "fetch")
_VERSION = re.compile(r"\d{1,2}(?:\.\d{1,3}){0,2}")


def is_browser(lower: str) -> bool:
    """Tell whether a (lower case) string has the form of a browser's user agent."""
    return lower.startswith(_BROWSER_START) or any(word in lower for word in _BROWSER_WORD)


def stranger_of(lower: str, rules: Rules) -> Stranger | None:
    """The robot, preview or desktop browser behind a (lower case) string, if it is one."""
    if "device/" not in lower:  # WhatsApp's own agent names the phone; its preview robot does not.
        for stranger in rules.starts:
            if lower.startswith(stranger.text):
                return stranger
    for stranger in rules.contains:
        if stranger.text in lower:
            return stranger
    return None


def read(text: str, rules: Rules, hints: Mapping[str, str]) -> Reading:
    """What a browser's agent and its client hints tell."""
    lower = text.lower()
    reading = _from_agent(text, lower, rules)
    return _with_hints(reading, hints, rules)


def _from_agent(text: str, lower: str, rules: Rules) -> Reading:
    if any(word in lower for word in _ROBOTIC) and _parsed(text).is_bot:
        return Reading(reason="robot or preview (user-agents)")
    if "windows phone" in lower or "iemobile" in lower or "xblwp" in lower:
        return replace(_library(text, rules), os_name="Windows Phone", confidence=0.8)
    if "iphone" in lower or "ipad" in lower or "ipod" in lower or "iph os" in lower:
        return _apple(text, lower)
    android = _ANDROID.search(text)
    if android is not None and not any(word in lower for word in _ANDROID_LOOKALIKES):
        return _android(text, android, rules)
    return _older(text, lower, rules)


def _apple(text: str, lower: str) -> Reading:
    model = "iPad" if "ipad" in lower else "iPod touch" if "ipod" in lower else "iPhone"
    safari = _SAFARI_VERSION.search(text)
    system = _IOS_VERSION.search(text)
    # Safari freezes the system's version in new releases and moves its own, so `Version/` is preferred
    # where it is ahead.
    version = ".".join(part for part in system.groups() if part) if system else None
    if safari and (version is None or int(safari[1].split(".")[0]) > int(version.split(".")[0])):
        version = safari[1]
    return Reading("Apple", model, model, "iOS", version, None, 0.95, "Apple browser")


def _android(text: str, android: re.Match[str], rules: Rules) -> Reading:
    token, version = _android_token(text, android), android[1]
    if token is None:
        version = None if "Android 10; K)" in text else version  # Chrome's reduced agent: a constant.
        return Reading(os_name="Android", os_version=version, confidence=0.9, reason="Android, model hidden")
    reading = tokens.read(token, rules)
    if reading.brand is None:
        reading = _named_by_library(text, token, rules)
    return replace(reading, os_name="Android", os_version=version, confidence=max(reading.confidence, 0.8))


def _android_token(text: str, android: re.Match[str]) -> str | None:
    """The model's name after the Android version: up to `Build/`, a semicolon or the closing bracket."""
    following = text[android.end() :].partition(" AppleWebKit")[0]
    build = following.find(" Build")
    closing = following.find(")")
    end = build if build >= 0 else closing if closing >= 0 else len(following)
    for part in reversed(following[:end].split(";")):
        token = part.strip(" ;,)")
        if token.lower() not in _PLACEHOLDERS and not _LOCALE.match(token) and not token.startswith("/"):
            return token
    return None


def _named_by_library(text: str, token: str, rules: Rules) -> Reading:
    found = _library(text, rules)
    if found.brand is None:
        return Reading(
            model=token if any(map(str.isdigit, token)) else None,
            confidence=0.6,
            reason="Android, model of unknown brand",
        )
    return replace(found, model=token, marketing_name=found.model if found.model != token else None)


def _older(text: str, lower: str, rules: Rules) -> Reading:
    own = agents.with_platform(_inside(text, rules), lower.replace("like android", ""), rules)
    if own.brand is not None and own.model is not None:
        return own
    agent = _parsed(text)
    if agent.is_bot or (agent.is_pc and own.os_name is None):
        return Reading(reason="robot or desktop browser (user-agents)")
    found = _of_library(agent, rules)
    if found.brand is None:
        return own
    return replace(found, os_name=own.os_name or found.os_name)


def _inside(text: str, rules: Rules) -> Reading:
    """Read the phone at the head, or in the bracket of an agent that begins with a browser's name."""
    if not text.lower().startswith(_BROWSER_START):
        return agents.read(text, rules)
    opening = text.find("(")
    closing = text.find(")", opening)
    inner = text[opening + 1 : closing if closing >= 0 else len(text)]
    maker = Reading()
    for part in _PARTS.split(inner):
        token = part.strip()
        if _LOCALE.match(token):  # `pt-BR` is no Pantech.
            continue
        brand, rest = tokens.split_brand(token, rules)
        if brand is not None and rest:
            return tokens.of_brand(rest.partition("/")[0], brand.name, rules)
        if brand is not None:
            maker = tokens.of_brand("", brand.name, rules)
        elif (code := tokens.read(token.partition("/")[0], rules)).confidence >= tokens.CERTAIN:
            return code
    return maker


def _library(text: str, rules: Rules) -> Reading:
    return _of_library(_parsed(text), rules)


def _parsed(text: str) -> UserAgent:
    return _parser()(text)


@functools.cache
def _parser() -> Callable[[str], UserAgent]:
    import ua_parser  # noqa: PLC0415 - a quarter of a second that few strings need
    from user_agents import parsers  # noqa: PLC0415 - as above

    class Agent(parsers.UserAgent):  # type: ignore[misc]  # the library has no types
        """The judgements of user-agents on what ua-parser's fast engine found; its own way is a slow one."""

        def __init__(self, text: str) -> None:
            found = ua_parser.parse(text).with_defaults()
            self.ua_string = text
            self.os = parsers.parse_operating_system(**asdict(found.os))
            self.browser = parsers.parse_browser(**asdict(found.user_agent))
            self.device = parsers.parse_device(**asdict(found.device))

    return Agent


def _of_library(agent: UserAgent, rules: Rules) -> Reading:
    device = agent.device
    if device.brand is None or device.brand.lower() in _LIBRARY_BLANKS:
        return Reading(reason="no phone that user-agents knows")
    spelled, _ = tokens.split_brand(device.brand, rules)
    brand = spelled.name if spelled is not None else device.brand
    model = device.model if device.model and device.model.lower() not in _LIBRARY_BLANKS else None
    os_name = rules.brands[brand].os_name if brand in rules.brands else None
    return Reading(brand, model, None, os_name, None, None, 0.7, "user-agents")


def _with_hints(reading: Reading, hints: Mapping[str, str], rules: Rules) -> Reading:
    if not hints:
        return reading
    sent = {name.lower(): value.strip(' "') for name, value in hints.items()}
    platform = sent.get("sec-ch-ua-platform", "")
    if platform and platform.lower() not in {"android", "ios"} and reading.os_name is None:
        return reading
    if platform.lower() == "android":
        reading = replace(reading, os_name="Android", reason=reading.reason or "client hints")
    version = _VERSION.match(sent.get("sec-ch-ua-platform-version", ""))
    if version is not None and reading.os_name == "Android":
        reading = replace(reading, os_version=version[0])
    model = sent.get("sec-ch-ua-model", "")
    if model.lower() in _PLACEHOLDERS or reading.os_name != "Android":
        return reading
    hinted = tokens.read(model, rules)
    if hinted.brand is None:
        hinted = _named_by_library(
            f"Mozilla/5.0 (Linux; Android 10; {model}) AppleWebKit/537.36 Chrome/120.0 Mobile", model, rules
        )
    return replace(hinted, model=hinted.model or model, os_name="Android", os_version=reading.os_version,
                   confidence=0.95, reason="client hints")  # fmt: skip
