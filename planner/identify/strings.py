"""The normal form of a handset string: what may be stored, logged and looked up.

Strings arrive with quotes, control characters and, from some feature phones, with the serial number of the
phone. The serial number is cut off before anything leaves the inbox, so this runs first on every string.
Which phone the string names is not asked here.
"""

from __future__ import annotations

import functools
import re

LENGTH_MAX = 512
"""Longer strings are cut: no real identity is longer, and rules may rely on the bound."""

_WORK_MAX = 2 * LENGTH_MAX
_EDGES = " \"'"

# A few quick looks decide for nearly every string that there is nothing to do.
_SUSPECTS = ("%2", "  ", "[t", "[s", "/sn")
_SUSPECT_DIGITS = re.compile(r"[0-9](?:[0-9]{13}|-[0-9]{6}-)")

# Controls, soft hyphens, zero-width and bidirectional marks, and surrogates, which UTF-8 cannot store.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")

# An IMEI is 14 to 16 digits, at times written 35-209900-176148-1; TracFone puts its own into brackets.
_SERIAL = re.compile(
    r"/SN\d+|\[TF\d*\]?|\[ST[^\]]*(?:\]|$)|\d{14,}|(?<!\d)\d\d-\d{6}-\d{6}(?:-\d{1,2})?(?!\d)", re.IGNORECASE
)
_QUOTES = {"%22": '"', "%27": "'"}
_QUOTE = re.compile("%2[27]")


def clean(raw: str) -> str:
    """The form of a string that may be stored; cleaning it again changes nothing, and it never raises.

    Control characters, outer quotes and blanks, and IMEI-like parts are gone; `%22` and `%27` are
    quotes; at most 512 characters are left.
    """
    if _is_plain(raw):
        return raw.strip(_EDGES)
    text, rest = raw[:_WORK_MAX], raw[_WORK_MAX:]
    if rest:
        text = text.rstrip("0123456789")  # The cut may have split an IMEI; half of one is still too much.
    # Cutting one part can bring two others together, so repeat until nothing changes; each round that
    # changes anything makes the text shorter, or replaces a blank once.
    while (shorter := _once(text)) != text:
        text = shorter
    return text


def _is_plain(raw: str) -> bool:
    if len(raw) > LENGTH_MAX or not (raw.isascii() and raw.isprintable()):
        return False
    lower = raw.lower()
    for mark in _SUSPECTS:
        if mark in lower:
            return False
    return _SUSPECT_DIGITS.search(raw) is None


def _once(text: str) -> str:
    text = _INVISIBLE.sub("", " ".join(text.split()))
    text = _QUOTE.sub(lambda match: _QUOTES[match[0]], text)
    return _SERIAL.sub("", text).strip(_EDGES)[:LENGTH_MAX]


def key_of(token: str) -> str:
    """Capital letters and digits only: the form in which codes are compared (`SM-G900F` → `SMG900F`)."""
    return "".join(filter(str.isalnum, token)).upper()


@functools.lru_cache(maxsize=16_384)
def slug_of(text: str) -> str:
    """The form in which device ids are written (`SM-G900F` → `sm_g900f`)."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower().replace("+", " plus")).strip("_")
