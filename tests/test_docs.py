"""What the documents say is what the program does."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from planner import Policy
from planner.cli import app
from planner.errors import ConfigurationError, InputError, RefusedError, UnavailableError
from planner.plans import WORDS, Reason
from planner.settings import SETTINGS

ROOT = Path(__file__).parent.parent
REFERENCE = (ROOT / "REFERENCE.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands(group, path="planner"):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = dict(commands(typer.main.get_command(app)))


def first_cells(section):
    table = REFERENCE.split(f"## {section}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", table, flags=re.MULTILINE))


def test_every_command_is_in_the_reference_and_no_other():
    assert {cell for cell in first_cells("Commands") if cell.startswith("planner")} == set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_of_a_command_is_documented(name):
    shared = {"--json", "--db", "--help", "--policy", "--as-of"}
    options = {o for p in COMMANDS[name].params for o in p.opts if o.startswith("--")} - shared
    line = next(row for row in REFERENCE.splitlines() if row.startswith(f"| `{name}` |"))
    assert {option for option in options if f"`{option}" not in line and f"{option} " not in line} == set()


def test_every_reason_is_in_the_reference_and_has_words():
    assert first_cells("Reasons") == set(Reason)
    assert set(WORDS) == set(Reason)


def test_every_setting_is_in_the_reference_with_its_default():
    assert first_cells("Settings") == {setting.variable for setting in SETTINGS.values()}
    for setting in SETTINGS.values():
        assert (
            f"| `{setting.variable}` | {f'`{setting.default}`' if setting.default else 'none'} |" in REFERENCE
        )


def test_every_exit_code_of_an_error_is_in_the_reference():
    for error in (ConfigurationError, InputError, RefusedError, UnavailableError):
        assert f"\n| {error.exit_code} |" in REFERENCE


def test_the_written_out_policy_is_the_default():
    assert Policy.from_file(ROOT / "data" / "policy.toml") == Policy()


@pytest.mark.slow
def test_the_python_example_of_the_readme_runs(tmp_path):
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    run = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stdout.startswith("mms [<Form.ATTACHMENT: 'attachment'>]")
    assert "Send as MMS to 15551230000: ios phone" in run.stdout


@pytest.mark.parametrize("line", re.findall(r"^    (planner .*?)(?:\s+#.*)?$", README, flags=re.MULTILINE))
@pytest.mark.slow
def test_the_commands_of_the_readme_run(line, tmp_path):
    program = Path(sys.executable).with_name("planner")
    samples = str(ROOT / "data" / "samples")
    command = line.replace("planner ", f"{program} ", 1).replace("data/samples", samples)
    run = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout


@pytest.mark.slow
def test_the_readme_shows_what_the_demo_prints():
    program = Path(sys.executable).with_name("planner")
    shown = subprocess.run([program, "demo"], capture_output=True, text=True, check=True).stdout
    (table,) = re.findall(r"(    3\. The same.*?)\n\n## ", README, flags=re.DOTALL)
    squeezed = {" ".join(line.split()) for line in shown.splitlines()}
    rows = [" ".join(line.split()) for line in table.splitlines() if line.strip() and "──" not in line]
    assert len(rows) == 6
    assert [row for row in rows if row not in squeezed] == []
