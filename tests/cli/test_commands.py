"""What holds for every command."""

import json
import os
import shutil
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import typer
from sqlalchemy.engine import make_url

from planner import cli
from planner.cli import output
from tests.cli.examples import IPHONE, SAMPLES, ndjson, postback

pytestmark = pytest.mark.slow  # real processes


def commands_of(group, path=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield (*path, name), command
            yield from commands_of(command, (*path, name))
        else:
            yield (*path, name), command


GROUP = typer.main.get_command(cli.app)
EVERYTHING = dict(commands_of(GROUP))
COMMANDS = {
    " ".join(path): command for path, command in EVERYTHING.items() if not hasattr(command, "commands")
}
ARGUMENTS = {
    "catalog check": [],
    "catalog show": ["nokia_6230"],
    "config show": [],
    "db backup": ["copy.db"],
    "db check": [],
    "db rebuild": [],
    "db upgrade": [],
    "demo": [],
    "doctor": [],
    "handset export": [],
    "handset hint": [IPHONE, "Größe"],
    "handset list": [],
    "handset show": [IPHONE],
    "identify": ["Größe 📱", "iPhone"],
    "lint": [SAMPLES / "appointment.json"],
    "plan": ["--to", IPHONE, "--message", SAMPLES / "appointment.json"],
    "receive": [SAMPLES / "receipts.ndjson"],
}
WITH_DATABASE = sorted(
    name for name, command in COMMANDS.items() if "--db" in {o for p in command.params for o in p.opts}
)


def test_commands_are_those_of_the_contract():
    assert set(COMMANDS) == set(ARGUMENTS)


# Help.


@pytest.mark.parametrize("path", EVERYTHING, ids=" ".join)
def test_every_command_argument_and_option_has_help(planner, path):
    command = EVERYTHING[path]
    assert command.help
    assert [param.name for param in command.params if not param.help] == []
    answer = planner(*path, "--help")
    assert (answer.code, answer.err) == (0, "")
    assert command.help.split()[0] in answer.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_json(name):
    assert "--json" in {option for param in COMMANDS[name].params for option in param.opts}


@pytest.mark.parametrize("name", COMMANDS)
def test_options_are_spelt_out_in_small_letters(name):
    options = [option for param in COMMANDS[name].params for option in param.opts if option.startswith("-")]
    assert [o for o in options if not o.startswith("--") or o != o.lower() or "_" in o] == []


def test_help_lists_commands_exit_codes_and_debug(planner):
    answer = planner("--help")
    assert answer.code == 0
    for word in ("plan", "receive", "doctor", "Exit codes:", "130 interrupted", "--debug"):
        assert word in answer.out


def test_version_is_that_of_the_distribution(planner):
    assert planner("--version").out == metadata.version("mms-planner") + "\n"


@pytest.mark.parametrize("path", [[], ["handset"], ["catalog"], ["db"], ["config"]])
def test_without_a_command_the_help_is_shown_as_a_mistake_of_usage(planner, path):
    answer = planner(*path)
    assert (answer.code, answer.out) == (2, "")
    assert "Usage: planner" in answer.err
    assert "Commands:" in answer.err


# Usage.


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plna"], "Did you mean 'plan'?"),
        (["handset", "lst"], "list"),
        (["plan", "--colour"], "--colour"),
        (["plan", "--message"], "--message"),
        (["plan", "--to", IPHONE], "--message"),
        (["lint"], "FILE"),
        (["lint", "a", "b"], "b"),
        (["--db", "sqlite:///x.db", "plan"], "--db"),
        (["--json", "demo"], "--json"),
    ],
)
def test_mistake_of_usage_is_told(planner, desk, arguments, said):
    answer = planner(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert "Error: " in answer.err
    assert [*desk.iterdir()] == []


# Settings.


@pytest.mark.parametrize("name", sorted(set(ARGUMENTS) - {"doctor"}))
def test_misspelt_setting_stops_every_command_with_a_suggestion(planner, desk, monkeypatch, name):
    monkeypatch.setenv("PLANNER_DATABASE_ULR", "sqlite:///x.db")
    policy = ["--policy", "x.toml"] if name == "lint" else []
    answer = planner(*name.split(), *ARGUMENTS[name], *policy)
    assert (answer.code, answer.out) == (3, "")
    assert "PLANNER_DATABASE_ULR: not a setting (did you mean PLANNER_DATABASE_URL?)" in answer.err
    assert [*desk.iterdir()] == []


@pytest.mark.parametrize("name", WITH_DATABASE)
def test_misspelt_setting_is_not_hidden_by_an_option(planner, empty, monkeypatch, name):
    monkeypatch.setenv("PLANNER_DATABASE_ULR", "sqlite:///x.db")
    assert planner(*name.split(), *ARGUMENTS[name], "--db", empty).code == 3


def test_help_works_under_a_misspelt_setting(planner, monkeypatch):
    monkeypatch.setenv("PLANNER_COLOUR", "red")
    assert planner("plan", "--help").code == 0


def test_unknown_setting_like_no_other_is_answered_with_those_that_there_are(planner, monkeypatch):
    monkeypatch.setenv("PLANNER_" + "X" * 30, "1")
    answer = planner("config", "show")
    assert answer.code == 3
    assert "known are PLANNER_DATABASE_URL" in answer.err


# The database.


@pytest.mark.parametrize("name", WITH_DATABASE)
def test_option_goes_before_variable_and_variable_before_default(planner, desk, made, monkeypatch, name):
    for place in ("option.db", "variable.db", "planner.db"):
        shutil.copy(made / "known", desk / place)
    seen = []
    monkeypatch.setattr("planner.store.engines.make_url", lambda url: seen.append(url) or make_url(url))
    run = [*name.split(), *ARGUMENTS[name], "--json"]
    assert planner(*run).code == 0
    copy = desk / "copy.db"
    copy.unlink(missing_ok=True)
    monkeypatch.setenv("PLANNER_DATABASE_URL", "sqlite:///variable.db")
    assert planner(*run).code == 0
    copy.unlink(missing_ok=True)
    assert planner(*run, "--db", "sqlite:///option.db").code == 0
    assert list(dict.fromkeys(seen)) == [
        "sqlite:///planner.db",
        "sqlite:///variable.db",
        "sqlite:///option.db",
    ]


@pytest.mark.parametrize(
    "name", ["plan", "receive", "handset list", "handset show", "handset hint", "db upgrade"]
)
def test_database_is_made_on_first_use(planner, desk, name):
    assert planner(*name.split(), *ARGUMENTS[name]).code == 0
    assert (desk / "planner.db").is_file()
    assert planner("db", "check").code == 0


@pytest.mark.parametrize("name", sorted(set(WITH_DATABASE) - {"doctor"}))
@pytest.mark.parametrize("address", ["planner.db", "oracle://x", "sqlite:///missing/x.db", "sqlite:///."])
def test_address_that_cannot_be_used_is_a_matter_of_configuration(planner, desk, name, address):
    answer = planner(*name.split(), *ARGUMENTS[name], "--db", address)
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith("planner: ")
    assert [*desk.iterdir()] == []


# Output.


@pytest.mark.parametrize("name", COMMANDS)
def test_json_is_ascii_with_one_document_a_line_and_nothing_else(planner, made, desk, name):
    shutil.copy(made / "known", desk / "planner.db")
    planner("handset", "hint", IPHONE, "Größe 📱")
    answer = planner(*name.split(), *ARGUMENTS[name], "--json")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.isascii()
    assert answer.out.endswith("\n")
    assert all(isinstance(document, dict) for document in answer.documents)
    assert answer.out == "".join(json.dumps(document) + "\n" for document in answer.documents)


@pytest.mark.parametrize("name", COMMANDS)
def test_without_json_there_is_something_to_read(planner, made, desk, name):
    shutil.copy(made / "known", desk / "planner.db")
    answer = planner(*name.split(), *ARGUMENTS[name])
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.strip()


def test_data_goes_to_stdout_and_the_rest_to_stderr(process):
    with process("receive", "-", "--db", "sqlite:///x.db", "--json") as running:
        out, err = running.communicate(ndjson(postback()) + b"broken\n", timeout=20)
    assert running.returncode == 6
    assert json.loads(out)["taken"] == 1
    assert err.startswith(b"line 2: ")


# Errors.


def test_bug_is_told_without_a_traceback_unless_asked_for(desk, capsys, monkeypatch):
    def broken(*arguments, **options):
        raise RuntimeError("out of cheese")

    monkeypatch.setattr("planner.content.lint_document", broken)
    for debug in ([], ["--debug"]):
        monkeypatch.setattr(sys, "argv", ["planner", "lint", str(SAMPLES / "appointment.json"), *debug])
        with pytest.raises(SystemExit) as leaving:
            cli.main()
        out, err = capsys.readouterr()
        assert (leaving.value.code, out) == (1, "")
        assert "this is a bug: RuntimeError: out of cheese (run again with --debug and report it)" in err
        assert ("Traceback" in err) == bool(debug)


@pytest.mark.parametrize("place", [0, 1, 3])
def test_debug_shows_the_traceback_and_keeps_the_exit_code(planner, place):
    arguments = ["lint", "missing.json", "--json"]
    arguments.insert(place, "--debug")
    answer = planner(*arguments)
    assert (answer.code, answer.out) == (4, "")
    assert "Traceback" in answer.err
    assert answer.err.endswith("planner: missing.json: no such file (check the path)\n")


def test_error_cannot_command_the_terminal(planner):
    answer = planner("lint", "\x1b[31mmissing\x07")
    assert answer.code == 4
    assert {"\x1b", "\x07"}.isdisjoint(answer.err)


def test_run_gives_the_exit_code_to_a_caller(desk, capsys):
    assert cli.run(["lint", str(SAMPLES / "appointment.json")]) == 0
    assert cli.run(["plan", "--colour"]) == 2
    with pytest.raises(cli.errors.InputError, match="no such file"):
        cli.run(["lint", "missing.json"])


# The program itself, in a process of its own.


def test_program_works_from_any_folder(process, desk):
    for arguments in (["demo", "--json"], ["doctor", "--json"]):
        with process(*arguments) as running:
            out, err = running.communicate(timeout=30)
        assert (running.returncode, err) == (0, b"")
        assert out
    assert [*desk.iterdir()] == []


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "arguments", [["identify", "-"], ["plan", "--to", "-", "--message", SAMPLES / "appointment.json"]]
)
def test_each_line_of_stdin_is_answered_before_the_next_one_comes(process, arguments):
    with process(*arguments, "--json") as running:
        for _ in range(2):
            running.stdin.write(f"{IPHONE}\n".encode())
            running.stdin.flush()
            assert json.loads(running.stdout.readline())
        running.stdin.close()
        assert running.wait(20) == 0


@pytest.mark.parametrize(("arguments", "code"), [(["doctor", "--db", "nonsense"], 3), (["lint", "."], 4)])
def test_program_leaves_with_the_exit_code(process, arguments, code):
    with process(*arguments) as running:
        _, err = running.communicate(timeout=30)
    assert running.returncode == code
    assert b"Traceback" not in err


@pytest.mark.skipif(os.name == "nt", reason="pipes end differently on Windows")
@pytest.mark.parametrize("lines", [1, 20_000])
def test_reader_that_goes_away_is_no_error(process, lines):
    with process("identify", "-", "--json") as running:
        running.stdout.close()
        try:
            running.stdin.write(b"iPhoneOS\n" * lines)
            running.stdin.close()
        except BrokenPipeError:
            assert lines > 1
        assert running.wait(20) == 0
        assert running.stderr.read() == b""


@pytest.mark.skipif(os.name == "nt", reason="pipes end differently on Windows")
def test_reader_that_goes_away_before_the_last_flush_is_no_error(process):
    with process("config", "show", "--json") as running:
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(20) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("arguments", [["config", "show", "--json"], ["identify", "x", "--json"]])
def test_full_disk_behind_stdout_is_tried_again_later(process, arguments):
    with Path("/dev/full").open("wb") as full, process(*arguments, stdout=full) as running:
        _, err = running.communicate(timeout=20)
    assert running.returncode == 7
    assert err == b"planner: cannot be written: No space left on device (free some space and try again)\n"


@pytest.mark.skipif(os.name == "nt", reason="a shell closes them")
@pytest.mark.parametrize(
    ("closing", "code"), [("identify x >&-", 0), ("identify - <&-", 4), ("identify x 2>&- >&-", 0)]
)
def test_closed_streams_are_no_bug(desk, closing, code):
    command = f'exec "{sys.executable}" -c "from planner.cli import main; main()" {closing}'
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=20)
    assert (done.returncode, done.stdout) == (code, b"")
    assert done.stderr.startswith(b"planner: stdin: ") or code == 0 == len(done.stderr)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_ctrl_c_says_so_in_one_line(process):
    with process("identify", "-", "--json", interruptible=True) as running:
        running.stdin.write(b"iPhoneOS\n")
        running.stdin.flush()
        assert running.stdout.readline()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
    assert (running.returncode, out, err) == (130, b"", b"planner: interrupted\n")


def test_shell_completion_knows_commands_and_options(process):
    def completed(line):
        words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
        with process(env=words | {"_PLANNER_COMPLETE": "complete_bash"}) as running:
            out, err = running.communicate(timeout=20)
        assert (running.returncode, err) == (0, b"")
        return out.decode().split()

    assert completed("planner handset sh") == ["show"]
    assert "--message" in completed("planner plan --")


def test_completion_script_can_be_shown(process):
    with process(env={"_PLANNER_COMPLETE": "source_bash"}) as running:
        out, _ = running.communicate(timeout=20)
    assert running.returncode == 0
    assert b"complete -o default -F _planner_completion planner" in out


def test_shortened_text_fits():
    assert output.shortened("abcd", 4) == "abcd"
    assert output.shortened("abcde", 4) == "abc…"
