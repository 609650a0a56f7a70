"""Phone numbers: one rule, one type.

A number is valid when, after normalising, it is 8 to 15 ASCII digits that begin with a country code
(country codes never begin with 0). A leading `+` or `00`, blanks, dashes, dots, slashes and brackets are
normalised away. That is the form that the API takes on the wire: digits only.

Whether a numbering plan has assigned the number is not asked here: numbering plans change faster than
software, so that is a warning in `lint`, never a refusal. The whole rule is the two constants below, so
that a column of a million numbers can be cleaned with the same `translate` and `match`.
"""

from __future__ import annotations

import re
from typing import NewType

from planner import errors

Msisdn = NewType("Msisdn", str)

IGNORED = dict.fromkeys(
    map(ord, " \t\r\n-.()[]/\u00a0\u2007\u2009\u202f\u2010\u2011\u2012\u2013\u2014\u2212")
)
"""Characters that people put between digits; `str.translate` with this table removes them."""

VALID = re.compile(r"(?:\+|00)?([1-9][0-9]{7,14})")
"""What must be left then; the group is the number in its normal form."""

NOT_A_NUMBER = re.compile(r"\s*-|.*[0-9]{7}[.,][0-9]{1,2}\s*$", re.DOTALL)
"""A value below zero, or one with decimals: spreadsheets write 15551230000 as `15551230000.0`, and without
its dot that would be the number of somebody else."""


def normalise(text: str | int) -> Msisdn | None:
    """Give the digits of a phone number, or None when it is not one."""
    if not isinstance(text, str):
        text = str(text) if type(text) is int else ""
    if NOT_A_NUMBER.match(text):
        return None
    match = VALID.fullmatch(text.translate(IGNORED))
    return Msisdn(match[1]) if match else None


def parse(text: str | int, *, where: str = "to") -> Msisdn:
    """Give the digits of a phone number; raise `NumberError` that names the place when it is not one."""
    if (number := normalise(text)) is not None:
        return number
    shown = str(text)
    shown = shown if len(shown) <= 40 else shown[:40] + "..."
    raise errors.NumberError(
        f"expected 8 to 15 digits with a country code, got {shown!r}",
        hint="write it like 15551230000 or +1 (555) 123-0000, as text or a whole number",
        where=where,
    )
