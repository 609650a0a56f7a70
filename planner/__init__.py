"""A handset-aware delivery planner for MMS.

    from planner import Media, Message, Slide, open_planner

    with open_planner("sqlite:///planner.db") as p:
        p.receive(postback)                       # a delivery receipt teaches which phone a number has
        plan = p.plan(message, to="15551230000")  # attachment or link, reduce or keep, MMS or SMS, and why

Importing this package loads the pure core only; `open_planner` loads the database when it is first used.
The parts of the core have modules of their own: `planner.identify.identify`, `planner.decide.decide`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

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
from planner.handsets import State
from planner.identify import Identification
from planner.messages import Media, Message, Slide
from planner.plans import Channel, Plan, Reason
from planner.policies import Form, OsClass, Policy

if TYPE_CHECKING:
    from planner.flows import Received
    from planner.library import Planner, open_planner

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

_LAZY = {"Planner": "planner.library", "Received": "planner.flows", "open_planner": "planner.library"}


def __getattr__(name: str) -> object:
    """Load what needs a database only when it is asked for."""
    if name == "__version__":
        return import_module("importlib.metadata").version("mms-planner")
    if name not in _LAZY:
        raise AttributeError(f"module 'planner' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
