"""What can go wrong, named by whose fault it is, because that says what to do.

    PlannerError
    ├── InputError             the caller's input: fix it, never retry            exit 4
    │   ├── NumberError        not a phone number
    │   ├── LintError          a message with faults; `.faults` holds all of them
    │   ├── PayloadError       bytes or JSON that no dialect can read
    │   └── UseError           the library was used in a way that cannot work
    ├── ConfigurationError     settings, policy or data files: an operator's work exit 3
    ├── RefusedError           the API said no for good                           exit 5
    └── UnavailableError       the world is away for now: try again               exit 7

Not recognising a phone is no error: unknown is a value. Programming mistakes are assertions.
Every message says what came, what was expected, where, and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Severity(StrEnum):
    """How much a finding weighs: a fault stops the message, a warning does not."""

    FAULT = "fault"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding in one place of a message: where it is, what is wrong, and what to do.

    `code` is the API's own code for it (`E223`), our word `size_unknown`, or empty where nobody has a
    code for it. A warning never carries an API code.
    """

    where: str
    problem: str
    advice: str
    code: str = ""
    severity: Severity = Severity.FAULT

    def __str__(self) -> str:
        """`slide[2].pdf.url: expected ..., got ... (do this) [E357]`, in one line."""
        code = f" [{self.code}]" if self.code else ""
        return f"{self.where}: {self.problem} ({self.advice}){code}"

    def to_dict(self) -> dict[str, str]:
        """The finding as JSON has it."""
        return {
            "where": self.where,
            "code": self.code,
            "severity": self.severity.value,
            "problem": self.problem,
            "advice": self.advice,
        }


class PlannerError(Exception):
    """Anything this package raises on purpose."""

    exit_code: ClassVar[int] = 1

    def __init__(self, problem: str, *, hint: str = "", where: str = "") -> None:
        """Keep the three parts apart, so that each reader can show them in its own way."""
        super().__init__(problem)
        self.problem = problem
        self.hint = hint
        self.where = where

    def __str__(self) -> str:
        """`where: problem (hint)`, in one line."""
        place = f"{self.where}: " if self.where else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.problem}{hint}"


class InputError(PlannerError):
    """The caller's input cannot be used; the same input will never work."""

    exit_code = 4


class NumberError(InputError):
    """A phone number that is none."""


class PayloadError(InputError):
    """A body that no dialect can read: not JSON, not an object, or without the fields that make it one."""


class UseError(InputError):
    """The library was used in a way that cannot work, for example after a fork or when closed."""


class LintError(InputError):
    """A message with faults, all of them together."""

    def __init__(self, faults: tuple[Fault, ...], *, where: str = "message") -> None:
        """Take all faults of one message; the text of the error lists them one per line."""
        self.faults = faults
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__("\n  ".join([count, *map(str, faults)]), where=where)


class ConfigurationError(PlannerError):
    """A setting, policy or data file that cannot be used."""

    exit_code = 3


class RefusedError(PlannerError):
    """The API refused, and will refuse the same call again."""

    exit_code = 5


class UnavailableError(PlannerError):
    """A database, disk or network that is away for now."""

    exit_code = 7

    def __init__(
        self, problem: str, *, hint: str = "", where: str = "", retry_after_s: float | None = None
    ) -> None:
        """Say when another try makes sense, in seconds, where that is known."""
        super().__init__(problem, hint=hint, where=where)
        self.retry_after_s = retry_after_s
