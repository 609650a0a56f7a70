"""The command line as a user meets it: arguments and stdin in, exit code, stdout and stderr out.

Most tests run it inside this process; those about signals, pipes and other folders start the program.
"""

import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from planner import cli, open_planner
from tests import sources
from tests.cli.examples import HANDSETS, file_of, postback


@dataclass(frozen=True)
class Answer:
    """What a command gave."""

    code: int
    out: str
    err: str

    @cached_property
    def documents(self):
        """The JSON documents on stdout, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @cached_property
    def document(self):
        [document] = self.documents
        return document


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """An empty folder to work in, without settings from outside."""
    for name in [name for name in os.environ if name.startswith("PLANNER_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def planner(desk, capsys, monkeypatch):
    """Runs one command in this process, through the entry point of the program."""

    def run(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "argv", ["planner", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        with pytest.raises(SystemExit) as leaving:
            cli.main()
        out, err = capsys.readouterr()
        assert leaving.value.code != 1, f"{arguments}: {err}"
        if "--debug" not in arguments:
            assert "Traceback" not in err
        return Answer(leaving.value.code, out, err)

    return run


PROGRAM = "from planner.cli import main; main()"
INTERRUPTIBLE = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started the tests may have it ignored
"""


@pytest.fixture
def process(desk):
    """Starts the program itself, in the empty folder."""
    script = Path(sys.executable).with_name("planner")
    command = [script] if script.exists() else [sys.executable, "-c", PROGRAM]
    environment = os.environ | {"PYTHONPATH": str(sources.ROOT), "COLUMNS": "100"}
    environment.pop("PYTHONUNBUFFERED", None)  # users have none either, and buffers are where pipes break

    def start(*arguments, env=None, interruptible=False, **options):
        called = [sys.executable, "-c", INTERRUPTIBLE + PROGRAM] if interruptible else command
        pipe = subprocess.PIPE
        options = {"stdin": pipe, "stdout": pipe, "stderr": pipe} | options
        variables = environment | (env or {})
        return subprocess.Popen([*called, *map(str, arguments)], cwd=desk, env=variables, **options)

    return start


@pytest.fixture
def db(tmp_path):
    """The address of a database that is not there yet."""
    return f"sqlite:///{tmp_path / 'handsets.db'}"


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Two databases made once: one that knows nothing, and one that has learnt a phone of each class."""
    folder = tmp_path_factory.mktemp("made")
    for name, handsets in (("empty", {}), ("known", HANDSETS)):
        with open_planner(f"sqlite:///{folder / name}") as opened:
            opened.receive([postback(number, handset) for number, handset in handsets.items()])
    return folder


@pytest.fixture
def empty(made, db):
    """The address of a database that knows nothing."""
    shutil.copy(made / "empty", file_of(db))
    return db


@pytest.fixture
def known(made, db):
    """The address of a database that has learnt an iPhone, an Android phone and one that is neither."""
    shutil.copy(made / "known", file_of(db))
    return db


@pytest.fixture
def written(desk):
    """Writes a document or bytes into a file of the folder and gives its path."""

    def write(content, name="message.json"):
        path = desk / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return write
