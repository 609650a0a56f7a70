"""From the string that a phone, a carrier or a browser sends to a device of the catalogue.

`identify` answers for one string, `default_catalogue` resolves the attributes of a device, `clean` gives the
form in which a string may be stored. The tables are read when first needed, never at import. Curation by
hand and everything that decides lie outside.
"""

from planner.identify.carriers import Carrier, Route
from planner.identify.catalogues import (
    Attributes,
    Catalogue,
    Device,
    Fact,
    data_folder,
    default_catalogue,
    load_catalogue,
)
from planner.identify.identifications import Identification, Kind
from planner.identify.identifiers import Identifier, default_identifier, identify
from planner.identify.rules import Rules, load_rules
from planner.identify.strings import clean

__all__ = [
    "RULES_VERSION",
    "Attributes",
    "Carrier",
    "Catalogue",
    "Device",
    "Fact",
    "Identification",
    "Identifier",
    "Kind",
    "Route",
    "Rules",
    "clean",
    "data_folder",
    "default_catalogue",
    "default_identifier",
    "identify",
    "load_catalogue",
    "load_rules",
]


def __getattr__(name: str) -> str:
    """`RULES_VERSION`: a hash of rules and catalogue, computed when asked, since that reads the tables."""
    if name == "RULES_VERSION":
        return default_identifier().version
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
