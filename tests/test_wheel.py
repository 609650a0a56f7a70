"""The wheel is what users get: built, installed with run-time requirements alone, and used from elsewhere."""

import json
import os
import subprocess
import sys
import venv
import zipfile

import pytest

from tests import sources

# One environment serves all of them, so they stay in one worker.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400), pytest.mark.xdist_group("wheel")]

MESSAGE = {
    "message-subject": "Hi",
    "fallback-sms-text": "Your appointment:",
    "slide": [
        {
            "message-text": "See you",
            "calendar": {
                "url": "https://media.example.com/appt.ics",
                "bytes": 1200,
                "content-type": "text/calendar",
            },
        }
    ],
}


def run(*command, cwd):
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PLANNER_", "PYTHON"))
    }
    result = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=sources.ROOT)
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def bin_folder(wheel, tmp_path_factory):
    """A new environment with the wheel and the locked run-time requirements, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = [programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run(*pip, "--require-hashes", "-r", sources.ROOT / "requirements.txt", cwd=folder)
    run(*pip, "--no-deps", wheel, cwd=folder)
    return programs


def test_wheel_holds_the_package_its_data_and_its_licence(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    project = sources.PYPROJECT["project"]
    metadata = f"mms_planner-{project['version']}.dist-info"
    assert {"planner/__init__.py", "planner/py.typed", f"{metadata}/licenses/LICENSE"} <= names
    data = {f"planner/_data/{path.relative_to(sources.ROOT / 'data')}" for path in data_files()}
    assert data
    assert data <= names
    assert {name.partition("/")[0] for name in names} == {"planner", metadata}


def data_files():
    return [path for path in sources.files() if path.is_relative_to(sources.ROOT / "data")]


def test_installed_planner_needs_no_development_dependency(bin_folder, tmp_path):
    listing = json.loads(run(bin_folder / "python", "-m", "pip", "list", "--format", "json", cwd=tmp_path))
    installed = {row["name"].lower() for row in listing}
    assert "mms-planner" in installed
    assert (
        installed & {"fastapi", "hatchling", "hypothesis", "mypy", "pandas", "pytest", "ruff", "uv"} == set()
    )
    run(bin_folder / "python", "-m", "pip", "check", cwd=tmp_path)


def test_installed_planner_plans_from_any_folder(bin_folder, tmp_path):
    file = tmp_path / "message.json"
    file.write_text(json.dumps(MESSAGE))
    database = f"sqlite:///{tmp_path}/p.db"
    arguments = ["--to", "15551230000", "--message", file, "--db", database, "--json"]
    plan = json.loads(run(bin_folder / "planner", "plan", *arguments, cwd=tmp_path))
    assert plan["channel"] in ("mms", "sms", "none")
    assert plan["to"] == "15551230000"
    assert plan["reasons"]


def test_installed_catalogue_is_whole(bin_folder, tmp_path):
    run(bin_folder / "planner", "catalog", "check", cwd=tmp_path)
