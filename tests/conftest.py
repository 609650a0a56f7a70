"""What all tests share: how large they are run, and the figures they print last.

`MMS_TEST_SCALE` is `check`, `test` (the default), `proof` or `soak`. It sets how many examples each law is
tried with. At `proof` and `soak` only the tests run that grow with it: laws of hypothesis, users of the
`scale` fixture, and those marked `proof` or `soak`.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

import hypothesis
import pytest

from tests import sources


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a test may make itself."""

    name: str
    examples: int
    """How many examples a law is tried with."""
    rows: int
    """How many rows a table or a batch gets."""
    rounds: int
    """How often something that costs about a second is repeated: a process killed, a server restarted."""


SCALES = {
    "check": Scale("check", examples=10, rows=100, rounds=1),
    "test": Scale("test", examples=50, rows=1_000, rounds=3),
    "proof": Scale("proof", examples=500, rows=50_000, rounds=30),
    "soak": Scale("soak", examples=5_000, rows=1_000_000, rounds=300),
}
SMALL = {"check", "test"}
MARKED_FOR = {"proof": {"proof", "soak"}, "soak": {"soak"}}


def scale_from(environment: dict[str, str]) -> Scale:
    name = environment.get("MMS_TEST_SCALE", "test")
    if name not in SCALES:
        raise pytest.UsageError(f"MMS_TEST_SCALE: expected one of {', '.join(SCALES)}, got {name!r}")
    return SCALES[name]


SCALE = scale_from(dict(os.environ))

hypothesis.settings.register_profile(
    SCALE.name,
    max_examples=SCALE.examples,
    deadline=None,  # machines are noisy, and timing is the business of tests/bench
    database=None,  # a failure is kept as an example in the test, not in a folder
    derandomize=SCALE.name in SMALL,  # the everyday run is the same every day; the larger ones explore
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile(SCALE.name)


def is_wanted(marks: set[str], *, grows: bool, scale: str) -> bool:
    """Tells whether a test runs at a scale, by its marks and by whether it grows with the scale."""
    needs = [MARKED_FOR[mark] for mark in marks & MARKED_FOR.keys()]
    if needs:
        return all(scale in scales for scales in needs)
    return grows or scale in SMALL


def grows(item: pytest.Item) -> bool:
    law = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
    return law or "scale" in getattr(item, "fixturenames", ())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    def wanted(item: pytest.Item) -> bool:
        return is_wanted({mark.name for mark in item.iter_markers()}, grows=grows(item), scale=SCALE.name)

    dropped = [item for item in items if not wanted(item)]
    items[:] = [item for item in items if wanted(item)]
    config.hook.pytest_deselected(items=dropped)


@pytest.fixture(scope="session")
def scale() -> Scale:
    return SCALE


@pytest.fixture
def figure(record_property) -> Callable[[str], None]:
    """Takes a sentence with the figure that a test has measured; all of them are printed last."""
    return lambda sentence: record_property("figure", sentence)


@pytest.fixture
def fresh_python(tmp_path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs Python in a process of its own and in an empty folder, without settings from outside."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLANNER_")}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(sources.ROOT), "COLUMNS": "100"}
    folder = tmp_path / "elsewhere"
    folder.mkdir()

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    return run


def pytest_terminal_summary(terminalreporter) -> None:
    figures = sorted(
        str(value)
        for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
        if report.when == "call"
        for key, value in report.user_properties
        if key == "figure"
    )
    if figures:
        terminalreporter.section("figures")
        for sentence in figures:
            terminalreporter.line(sentence)
