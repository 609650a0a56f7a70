"""The command `planner`: translate options, call a flow, print what it gives.

Data goes to stdout, everything else to stderr. Each command loads what it needs when it runs, so that
`planner --help` stays quick. Exit codes are part of the contract, see `errors`.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click
import typer

from planner import errors
from planner.cli import catalog, database, demo, handset, planning, receiving, system

EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="planner",
    help="Decide before each MMS what the recipient's phone can take, and say why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 done, 1 bug, 2 usage, 3 configuration, 4 bad input, 5 refused by the API, "
    "6 partly done, 7 try again, 130 interrupted. --debug shows the traceback of an error.",
)
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
    if len(arguments) < len(sys.argv) - 1:
        sys.exit(run(arguments))
    try:
        sys.exit(run(arguments))
    except errors.PlannerError as error:
        _leave(str(error), error.exit_code)
    except KeyboardInterrupt:
        _leave("interrupted", EXIT_INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a bug is told, not thrown at the user
        _leave(f"this is a bug: {type(error).__name__}: {error} (run again with --debug and report it)", 1)


def run(arguments: list[str]) -> int:
    """Run one command; give its exit code, or raise a `PlannerError`."""
    try:
        return int(app(arguments, prog_name="planner", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except click.Abort:
        print("planner: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED


def _leave(problem: str, code: int) -> NoReturn:
    print(f"planner: {problem}", file=sys.stderr)
    sys.exit(code)
