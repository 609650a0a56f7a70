"""The command `planner`: translate options, call a flow, print what it gives.

Data goes to stdout, everything else to stderr. Each command loads what it needs when it runs, so that
`planner --help` stays quick. Exit codes are part of the contract, see `errors`.
"""

from __future__ import annotations

import errno
import sys
import traceback
from collections.abc import Callable
from functools import cache
from typing import Annotated, NoReturn

import typer
from typer.main import get_command

from planner import errors
from planner.cli import catalog, database, demo, handset, output, planning, receiving, system

EXIT_BUG = 1
EXIT_INTERRUPTED = 130
NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(version("mms-planner"))
        raise typer.Exit


app = typer.Typer(
    name="planner",
    help="Decide before each MMS what the recipient's phone can take, and say why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 done, 1 bug, 2 usage, 3 configuration, 4 bad input, 5 refused by the API, "
    "6 partly done, 7 try again, 130 interrupted. --debug shows the traceback of an error.",
)


@app.callback()
def program(
    *,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version.")
    ] = False,
) -> None:
    """Decide before each MMS what the recipient's phone can take, and say why."""


app.command("demo")(demo.demo)
app.command("plan")(planning.plan)
app.command("lint")(planning.lint)
app.command("identify")(planning.identify)
app.command("receive")(receiving.receive)
app.add_typer(handset.app, name="handset")
app.add_typer(catalog.app, name="catalog")
app.add_typer(database.app, name="db")
app.add_typer(system.app, name="config")
app.command("doctor")(system.doctor)


def main() -> NoReturn:
    """Run the command line and leave with its exit code; no traceback without `--debug`."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    output.prepare()
    try:
        code = run(arguments)
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last line of defence: nothing is thrown at the user
        if len(arguments) < len(sys.argv) - 1:
            traceback.print_exc()
        code = _told(error)
    if code == EXIT_INTERRUPTED:
        output.note("planner: interrupted")
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command; give its exit code, or raise what went wrong, most often a `PlannerError`."""
    try:
        _program()(arguments, prog_name="planner")
    except SystemExit as leaving:
        # Typer turns a reader that went away into an exit of its own.
        if isinstance(leaving.__context__, BrokenPipeError):
            raise leaving.__context__ from None
        return leaving.code if isinstance(leaving.code, int) else 0
    raise AssertionError("a command ends with an exit code")


@cache
def _program() -> Callable[..., object]:
    """Build all commands, once; called past `app`, which would set `sys.excepthook` for the whole process."""
    return get_command(app)


def _told(error: BaseException) -> int:
    """Say what went wrong, and give the exit code for it."""
    if isinstance(error, errors.PlannerError):
        output.note(f"planner: {error}")
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    if isinstance(error, BrokenPipeError):
        # Whoever reads has seen enough, as `head` does; what is still to be flushed goes nowhere.
        output.discard()
        return 0
    if isinstance(error, OSError) and error.errno in NO_SPACE:
        output.discard()
        output.note(f"planner: cannot be written: {error.strerror} (free some space and try again)")
        return errors.UnavailableError.exit_code
    output.note(
        f"planner: this is a bug: {type(error).__name__}: {error} (run again with --debug and report it)"
    )
    return EXIT_BUG
