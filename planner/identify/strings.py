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
_HEX_AS_ZERO = bytes.maketrans(b"0123456789ABCDEFabcdef", b"0" * 22)
_DIGIT_AS_ZERO = bytes.maketrans(b"0123456789 ", b"0" * 10 + b"-")
_LONG_RUN = re.compile("[0-9A-Fa-f](?:[ ./-]?[0-9A-Fa-f]){13}")

# Controls, soft hyphens, zero-width and bidirectional marks, and surrogates, which UTF-8 cannot store.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")

# An IMEI is 14 to 16 digits. Written with separators it keeps its groups: two, six and six digits, six, two
# and six, or eight and six, with one or two at the end (35-209900-176148-1, 352099/00/176148/1). A MEID is 14
# hexadecimal digits from A0 or 99 on. TracFone puts its own number into brackets.
_GAP = "[ ./-]"
# The first two digits of an IMEI name who gave it out; nobody is 19 or 20, so a date is told by them.
_NO_DATE = rf"(?!(?:19|20)\d\d{_GAP}?(?:0[1-9]|1[0-2]){_GAP}?(?:0[1-9]|[12]\d|3[01]))"
_IMEI = (
    rf"(?<!\d){_NO_DATE}(?:\d\d{_GAP}\d{{6}}{_GAP}|\d{{6}}{_GAP}\d\d{_GAP}|\d{{8}}{_GAP})"
    rf"\d{{6}}(?:{_GAP}?\d{{1,2}}(?!\d|\.\d))?(?!\d)"
)
_MEID = (
    rf"(?:(?<![0-9A-Z])|(?<=MEID)|(?<=/SN))(?:[A-F][0-9A-F]|99){_GAP}?[0-9A-F]{{6}}{_GAP}?[0-9A-F]{{6}}"
    r"[0-9A-F]?(?![0-9A-Z])"
)
_SERIAL = re.compile(rf"{_IMEI}|{_MEID}|/SN\d+|\[TF\d*\]?|\[ST[^\]]*(?:\]|$)|\d{{14,}}", re.IGNORECASE)
# Between blanks or dashes alone, where no version is written, any groups that add up to an IMEI are one.
_GROUPS = re.compile(r"(?<!\d)\d[\d -]*\d(?!\d|\.\d)")
_GROUP = re.compile(r"\d+")
_NOT_DATED = re.compile(_NO_DATE)
_IMEI_MIN, _IMEI_MAX = 14, 16
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
        # The cut may have split an IMEI or a MEID; half of one is still too much.
        text = text.rstrip("0123456789ABCDEFabcdef -./")
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
    # Translating bytes is several times as fast as any pattern over the whole string.
    octets = raw.encode()
    if b"000000" in octets.translate(_HEX_AS_ZERO) or b"0-0" in octets.translate(_DIGIT_AS_ZERO):
        return _LONG_RUN.search(raw) is None
    return True


def _once(text: str) -> str:
    text = _INVISIBLE.sub("", " ".join(text.split()))
    text = _QUOTE.sub(lambda match: _QUOTES[match[0]], text)
    return _GROUPS.sub(_without_imei, _SERIAL.sub("", text)).strip(_EDGES)[:LENGTH_MAX]


def _without_imei(match: re.Match[str]) -> str:
    """A run of groups of digits, without those that add up to an IMEI."""
    run, before = match[0], match.string[: match.start()]
    groups = list(_GROUP.finditer(run))
    if before and (before[-1].isalnum() or before[-1] in "._"):
        groups = groups[1:]  # The first group is a model's or a version's: `C5170-2011050301`, `2.0 35-...`.
    kept, copied, at = "", 0, 0
    while at < len(groups):
        after = _after_imei(run, groups, at)
        if after > at:
            kept += run[copied : groups[at].start()]
            copied = groups[after - 1].end()
        at = max(after, at + 1)
    return kept + run[copied:]


def _after_imei(run: str, groups: list[re.Match[str]], at: int) -> int:
    """The index after the groups that add up to an IMEI from here on; `at` itself when none do."""
    if not _NOT_DATED.match(run, groups[at].start()):
        return at
    size = 0
    for index in range(at, len(groups)):
        if index > at and groups[index].start() - groups[index - 1].end() > 1:
            break
        size += len(groups[index][0])
        if size >= _IMEI_MIN:
            return index + 1 if size <= _IMEI_MAX else at
    return at


def key_of(token: str) -> str:
    """Capital letters and digits only: the form in which codes are compared (`SM-G900F` → `SMG900F`)."""
    return "".join(filter(str.isalnum, token)).upper()


@functools.lru_cache(maxsize=16_384)
def slug_of(text: str) -> str:
    """The form in which device ids are written (`SM-G900F` → `sm_g900f`)."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower().replace("+", " plus")).strip("_")
