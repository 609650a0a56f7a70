"""From one token (`SM-G900F`, `htc6525lvw`, `HUAWEI_Y560-L01`) to brand, model, shop name and system.

Every kind of string has such a token somewhere; finding it is the other readers' work, understanding it is
done here, once. A token that no table knows keeps its text as the model only where the brand is certain.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from planner.identify import strings
from planner.identify.identifications import Reading

if TYPE_CHECKING:
    from planner.identify.rules import Brand, Code, Rules

TOKEN_MAX = 48
"""A longer token is a sentence; only its beginning is looked at."""

CERTAIN = 0.85
"""From this confidence on a reading rests on a listed code, not on the look of the token alone."""

_GLUED_MAX = 5
_SEPARATORS = " -_/.+:;,()"
_STEM = re.compile(r"[A-Za-z]{0,5}[- _]?[0-9]+")
_EXTRAS = ("od", "ws")
_SHORT = 3


def read(token: str, rules: Rules, brand: str | None = None, context: str = "") -> Reading:
    """What the token tells; `brand` is what the surroundings say, `context` the carrier that wrote it."""
    token = token[:TOKEN_MAX].strip(_SEPARATORS)
    key = strings.key_of(token)
    if not key:
        return Reading(
            brand=brand,
            os_name=_default_os(brand, rules),
            confidence=0.5 if brand else 0.0,
            reason="no token",
        )
    special = _special(key, rules)
    if special is not None:
        return special
    spelled, rest = split_brand(token, rules)
    if spelled is not None and (brand is None or spelled.name != brand):
        brand = spelled.name
    if brand is None:
        return _alone(token, rules, context)
    rest = rest if spelled is not None else token
    if context == "vtext":
        rest = _without_carrier_prefix(rest, brand, rules)
    return of_brand(rest, brand, rules, context)


def of_brand(token: str, brand: str, rules: Rules, context: str = "") -> Reading:
    """Read a token whose brand is certain; what is left after the brand is the model."""
    model = _in_full(_plain(token), brand, rules, context)
    if not model:
        return Reading(
            brand=brand, os_name=_default_os(brand, rules), confidence=0.6, reason=f"brand {brand}"
        )
    code = rules.code(brand, model) or rules.code(None, model)
    if code is None:
        return Reading(brand, model, None, _default_os(brand, rules), None, None, 0.7, f"{brand} token")
    return _coded(code, model, rules, 0.9)


def _without_carrier_prefix(token: str, brand: str, rules: Rules) -> str:
    """Verizon's `odsamg955u`, `wsz936l`, `sami500`: its own prefix, then the maker's, may stand first."""
    lower = token.lower()
    for extra in _EXTRAS:
        if lower.startswith(extra) and any(map(str.isdigit, lower)):
            token, lower = token[len(extra) :], lower[len(extra) :]
            break
    for size in range(_GLUED_MAX, 1, -1):
        maker = rules.glued.get(lower[:size])
        if maker is not None and maker.name == brand and any(map(str.isdigit, lower[size:])):
            return token[size:]
    return token


def split_brand(token: str, rules: Rules) -> tuple[Brand | None, str]:
    """The brand spelled out at the beginning of a token, and the rest; (None, token) without one."""
    lower = token.lower()
    for spelling, brand in rules.beginnings.get(lower[:2], ()):
        if lower.startswith(spelling) and _ends_a_word(lower, len(spelling)):
            return brand, token[len(spelling) :].strip(_SEPARATORS)
    return None, token


def _ends_a_word(lower: str, size: int) -> bool:
    # `lg` must not be found in `lgs`, but `huaweiu8510` and `samsunggt` are how agents write.
    return size > _SHORT or size == len(lower) or not lower[size].isalnum()


def _special(key: str, rules: Rules) -> Reading | None:
    google = rules.google.get(key)
    if google is not None:
        return Reading("Google", google, google, "Android", None, None, 0.95, "Google hardware code")
    return None


def _alone(token: str, rules: Rules, context: str) -> Reading:
    code = rules.code(None, token)
    if code is not None:
        return _coded(code, _in_full(_plain(token), code.brand, rules, context), rules, CERTAIN)
    lower = token.lower()
    for extra in _EXTRAS:
        if lower.startswith(extra) and any(map(str.isdigit, lower)):
            return read(token[len(extra) :], rules, None, context)
    for size in range(min(len(lower), _GLUED_MAX), 1, -1):
        brand = rules.glued.get(lower[:size])
        rest = token[size:].lstrip(_SEPARATORS)
        if brand is None or len(rest) < 2 or not any(map(str.isdigit, rest)):
            continue
        # `vk2000` is a VK Mobile; the Android phone `vkworld vk700` is none.
        if brand.os_name is None or rest[0].isdigit():
            return of_brand(rest, brand.name, rules, context or "glued")
    return Reading(reason="unknown token")


def _coded(code: Code, model: str, rules: Rules, confidence: float) -> Reading:
    os_name = code.os_name or _default_os(code.brand, rules)
    return Reading(
        code.brand,
        model,
        _shop_name(code, model),
        os_name,
        None,
        None,
        confidence,
        f"{code.brand} model code",
    )


def _shop_name(code: Code, model: str) -> str | None:
    name = code.marketing_name
    if name is None or "{" not in name:
        return name
    stem = _STEM.match(model)
    return name.replace("{model}", model).replace("{stem}", stem[0] if stem else model)


def _default_os(brand: str | None, rules: Rules) -> str | None:
    known = rules.brands.get(brand) if brand else None
    return known.os_name if known else None


@functools.lru_cache(maxsize=4096)
def _plain(token: str) -> str:
    """The token as a person writes it: no underscores, codes in capital letters."""
    text = token.strip(_SEPARATORS).replace("_", " ")
    is_code = any(map(str.isdigit, text)) and " " not in text and text == text.lower()
    return text.upper() if is_code else text


def _in_full(model: str, brand: str, rules: Rules, context: str) -> str:
    for shape in rules.shapes.get(brand, ()):
        if (shape.context == context or not shape.context) and shape.pattern.match(model):
            return shape.pattern.sub(shape.model, model, count=1)
    return model
