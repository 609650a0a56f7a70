"""A handset-aware delivery planner for MMS.

    from planner import Media, Message, Slide, open_planner

    with open_planner("sqlite:///planner.db") as p:
        p.receive(postback)                       # a delivery receipt teaches which phone a number has
        plan = p.plan(message, to="15551230000")  # attachment or link, reduce or keep, MMS or SMS, and why

Each name is loaded when it is first used; only `open_planner` loads the database.
The parts of the core have modules of their own: `planner.identify.identify`, `planner.decide.decide`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.dialects.sinch_mms import Acknowledgement
    from planner.errors import (
        ConfigurationError,
        Fault,
        InputError,
        LintError,
        NumberError,
        PayloadError,
        PlannerError,
        RefusedError,
        UnavailableError,
        UseError,
    )
    from planner.flows import Received
    from planner.handsets import State
    from planner.identify import Identification
    from planner.library import Planner, open_planner
    from planner.messages import Media, Message, Slide
    from planner.plans import Channel, Plan, Reason
    from planner.policies import Form, OsClass, Policy

    __version__: str

__all__ = [
    "Acknowledgement",
    "Channel",
    "ConfigurationError",
    "Fault",
    "Form",
    "Identification",
    "InputError",
    "LintError",
    "Media",
    "Message",
    "NumberError",
    "OsClass",
    "PayloadError",
    "Plan",
    "Planner",
    "PlannerError",
    "Policy",
    "Reason",
    "Received",
    "RefusedError",
    "Slide",
    "State",
    "UnavailableError",
    "UseError",
    "open_planner",
]

_HOMES = {
    "dialects.sinch_mms": ("Acknowledgement",),
    "errors": (*(name for name in __all__ if name.endswith("Error")), "Fault"),
    "flows": ("Received",),
    "handsets": ("State",),
    "identify": ("Identification",),
    "library": ("Planner", "open_planner"),
    "messages": ("Media", "Message", "Slide"),
    "plans": ("Channel", "Plan", "Reason"),
    "policies": ("Form", "OsClass", "Policy"),
}
_MODULE_OF = {name: f"planner.{module}" for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Load a part when it is first asked for: the command line needs few of them, a sender not all."""
    if name == "__version__":
        return import_module("importlib.metadata").version("mms-planner")
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'planner' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
