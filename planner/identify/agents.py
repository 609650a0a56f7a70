"""MMS user agents and handset names: what a messaging client, or a receipt, calls the phone.

No common format exists. What they share: the phone stands first, up to a slash or a blank; words such as
`Android` or `Series60` anywhere tell the system. Forms in which something else stands first (the client's own
name) are listed in `_FORMS`. Browser agents are read in `browsers`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from planner.identify import tokens
from planner.identify.identifications import Reading

if TYPE_CHECKING:
    from planner.identify.rules import Platform, Rules

_SAMSUNG = "samsung-android-mms/"
_ANDROID_CLIENT = ("android-mms", "android messaging", "android mms")
# `iPhoneOS/4.2.1 (8C148)`: version and build of the system. `iPhone 15` and `iPhone14,2` are models.
_IOS = re.compile(r"(?:iphone ?os|ios)(?:[/ ]+(\d+(?:[._]\d+){0,2}))?(?: \([0-9A-Z]{3,9}\))?$", re.IGNORECASE)
_IPHONE = re.compile(
    r"iphone(?: (?:\d{1,2}[a-z]?|x[rs]?|se)(?: plus| pro| mini| max| air|e)*)?(?=$|[/,0-9])", re.IGNORECASE
)
_ANDROID_WORD = re.compile(r"android(?:[/ ]+(\d{1,2}(?:\.\d{1,2}){0,2}))?$", re.IGNORECASE)
_CARRIER_TAIL = re.compile(
    r"[ _-](?:sprint|boost|vmu|vmub|virgin|att|tmo|vzw|verizon|orange|vodafone)$", re.IGNORECASE
)
_CLIENT_TAIL = re.compile(r"-(?:mms|android)$", re.IGNORECASE)
_HEAD = re.compile(r"[^/;(]+")
# A blank ends the phone's name only before the words of a client or browser; names have blanks, too.
_BLANK_ENDS = re.compile(
    r" (?:[A-Z]{2}[A-Za-z-]*-MMS|[A-Za-z]+/|Mozilla|UP\.|SHP|Linux|Profile|MIDP|Release|BMP|MMS|Android$).*$"
)
_FEATURE = "feature phone"


def read(text: str, rules: Rules) -> Reading:
    """What an MMS user agent or a handset name tells."""
    lower = text.lower()
    if lower.startswith(_SAMSUNG):
        return replace(
            tokens.of_brand(text[len(_SAMSUNG) :].partition("/")[0], "Samsung", rules), os_name="Android"
        )
    if lower.startswith(("ip", "ios")) and (apple := _apple(text, lower)) is not None:
        return apple
    if lower.startswith("android"):
        if lower.startswith(_ANDROID_CLIENT):
            return Reading(os_name="Android", confidence=0.8, reason="Android messaging client, no model")
        if (android := _ANDROID_WORD.match(text)) is not None:
            return Reading(os_name="Android", os_version=android[1], confidence=0.8, reason="Android word")
    return with_platform(_head(text, rules), lower, rules)


def _apple(text: str, lower: str) -> Reading | None:
    if (system := _IOS.match(text)) is not None:
        return iphone(system[1], lower, "iOS word")
    if (phone := _IPHONE.match(text)) is not None:
        name = f"iPhone{phone[0][6:]}"
        return replace(iphone(None, lower, "iPhone name"), model=name, marketing_name=name)
    return None


def iphone(version: str | None, lower: str, reason: str) -> Reading:
    """An iPhone: all that an MMS tells about Apple's phones; the version is that of iOS."""
    named = "iphone" in lower
    version = version.replace("_", ".") if version else None
    model = "iPhone" if named else None
    return Reading("Apple", model, model, "iOS", version, None, 0.9, reason)


def platform_of(lower: str, rules: Rules) -> Platform | None:
    """The operating system that words in the (lower case) string announce, the surest first."""
    for word, platform in rules.words:
        if word in lower:
            return platform
    return None


def with_platform(reading: Reading, lower: str, rules: Rules) -> Reading:
    """Add what words about the system say.

    A word that names a system decides. The browsers of feature phones decide only where the model's code
    does not. The words of Java (MIDP, CLDC) say nothing: Android phones send them, too.
    """
    platform = platform_of(lower, rules)
    if platform is None:
        return reading
    if platform.os_name == _FEATURE and reading.os_name is not None:
        return reading
    if reading.os_name is not None and rules.platforms[reading.os_name].os_family == platform.os_family:
        return reading
    confidence = max(reading.confidence, 0.7)
    reason = reading.reason if reading.brand is not None else f"{platform.os_name} word"
    return replace(reading, os_name=platform.os_name, confidence=confidence, reason=reason)


def _head(text: str, rules: Rules) -> Reading:
    match = _HEAD.match(text)
    head = match[0] if match else text
    if not head.isalnum():
        head = _BLANK_ENDS.sub("", head).strip()
        head = _CLIENT_TAIL.sub("", _CARRIER_TAIL.sub("", head))
    first = tokens.read(head, rules)
    if first.brand is None or first.model is not None or match is None:
        return first
    # `LG/KC910i/V10a`, `SAMSUNG/SGH-i450`: the brand alone before the first slash, the model after it.
    following = text[match.end() :].lstrip("/;( ")
    token = _HEAD.match(following)
    if text[match.end() : match.end() + 1] != "/" or token is None or not any(map(str.isdigit, token[0])):
        return first
    return tokens.read(token[0].partition(" ")[0], rules, first.brand)
