"""Texts that people read: personal fields, and what a text costs as SMS.

`{{name}}` stands for a field of the recipient. SMS segments follow 3GPP TS 23.038: the GSM 7-bit
alphabet with its extension table (two septets each), else UCS-2; 160 septets or 70 units in one part,
153 or 67 in each of several. An escape pair and a surrogate pair are never cut, and neither is a link at
the end of the text: a phone that shows parts one by one must still show a link that can be tapped.

Left out: national shift tables, which no gateway here uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

FIELD = re.compile(r"\{\{[ \t]*([^{}\s](?:[^{}\n]*[^{}\s])?)[ \t]*\}\}")

GSM7_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENSION = frozenset("\f^{}\\[~]|€")


class Encoding(StrEnum):
    """How the text of an SMS travels."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many units (septets or UTF-16 units) fit into a lone part, and into each of several."""

    alone: int
    each: int


CAPACITY = {Encoding.GSM7: Capacity(160, 153), Encoding.UCS2: Capacity(70, 67)}


def fields_of(text: str) -> tuple[str, ...]:
    """Give the names of the personal fields in a text, each once, in order of appearance."""
    return tuple(dict.fromkeys(FIELD.findall(text)))


def fill(text: str, fields: Mapping[str, str]) -> str:
    """Put the recipient's fields into a text; a name that is not there stays as it is written."""
    return FIELD.sub(lambda match: fields.get(match[1], match[0]), text)


def encoding_of(text: str) -> Encoding:
    """Tell whether a text fits the GSM alphabet."""
    return Encoding.GSM7 if GSM7_BASIC.union(GSM7_EXTENSION).issuperset(text) else Encoding.UCS2


def units_of(text: str, encoding: Encoding) -> int:
    """Count the units of a text: septets, or UTF-16 units."""
    if encoding is Encoding.GSM7:
        return len(text) + sum(char in GSM7_EXTENSION for char in text)
    return len(text) + sum(ord(char) > 0xFFFF for char in text)


def segment(text: str, link: str = "") -> tuple[str, ...]:
    """Cut an SMS into its parts; `link`, when given, is the end of `text` and stays in one part.

    The parts joined are the text again. A link longer than one part cannot be kept whole and is cut like
    any text; links of this product are far shorter.
    """
    assert text.endswith(link), "the link is the end of the text"
    encoding = encoding_of(text)
    capacity = CAPACITY[encoding]
    if units_of(text, encoding) <= capacity.alone:
        return (text,)
    if units_of(link, encoding) > capacity.each:
        link = ""
    words: list[str] = [*text[: len(text) - len(link)], link] if link else list(text)
    return tuple(_packed(words, encoding, capacity.each))


def _packed(words: Iterable[str], encoding: Encoding, room: int) -> Iterable[str]:
    """Fill parts of `room` units with words that are never cut."""
    part, used = "", 0
    for word in words:
        size = units_of(word, encoding)
        if used + size > room:
            yield part
            part, used = "", 0
        part, used = part + word, used + size
    yield part
