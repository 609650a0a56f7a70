"""Settings: one frozen object, made from an explicit mapping where the parts are put together.

Each setting has a name, a default and one sentence. An unknown `PLANNER_...` name is an error, because a
typing mistake that passes unseen is a setting that does not work.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from planner import errors

PREFIX = "PLANNER_"


@dataclass(frozen=True, slots=True)
class Setting:
    """What can be set: the environment's name for it, the default, and what it does."""

    variable: str
    default: str
    meaning: str


SETTINGS: Mapping[str, Setting] = {
    "database_url": Setting(
        "PLANNER_DATABASE_URL", "sqlite:///planner.db", "The database with the handset cache and the ledgers."
    ),
    "policy_file": Setting(
        "PLANNER_POLICY_FILE", "", "A TOML file with the policy; empty means the seed's rules and defaults."
    ),
    "account": Setting(
        "PLANNER_ACCOUNT",
        "default",
        "The name under which postbacks and answers of one API account are kept.",
    ),
}
"""Everything that can be set from the environment; options of a command go before it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in force, and for each where it came from."""

    database_url: str
    policy_file: str
    account: str
    origins: tuple[tuple[str, str], ...]

    @classmethod
    def from_mapping(cls, environment: Mapping[str, str]) -> Settings:
        """Read the `PLANNER_...` names of a mapping; raise `ConfigurationError` for unknown ones."""
        known = {setting.variable: name for name, setting in SETTINGS.items()}
        for variable in sorted(environment):
            if variable.startswith(PREFIX) and variable not in known:
                # The prefix, which all share, would make them all look alike.
                ends = [name.removeprefix(PREFIX) for name in known]
                near = difflib.get_close_matches(variable.removeprefix(PREFIX), ends, n=1)
                hint = f"did you mean {PREFIX}{near[0]}?" if near else f"known are {', '.join(known)}"
                raise errors.ConfigurationError("not a setting", hint=hint, where=variable)
        values = {name: environment.get(s.variable) or s.default for name, s in SETTINGS.items()}
        origins = {n: s.variable if environment.get(s.variable) else "default" for n, s in SETTINGS.items()}
        return cls(**values, origins=tuple(origins.items()))
