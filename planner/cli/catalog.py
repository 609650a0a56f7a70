"""`catalog`: the device tree, and where each fact in it comes from."""

from __future__ import annotations

import difflib
import re
from typing import Annotated

import typer

from planner import errors
from planner.cli import options, output

app = typer.Typer(help="The device catalogue.", no_args_is_help=True, rich_markup_mode=None)

DEVICE_ID = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")
"""What looks like an id is an id: a misspelt one must not pass for a string that names some other phone."""


@app.command()
def show(
    device: Annotated[str, typer.Argument(help="A device id, or a string that names a phone.")],
    as_json: options.Json = False,
) -> None:
    """Show a device: each attribute with the node of the tree and the source it comes from."""
    from planner.identify import default_identifier

    options.settings()
    phones = default_identifier()
    catalogue = phones.catalogue
    device_id = device if device in catalogue.devices else None
    if device_id is None and not DEVICE_ID.fullmatch(device):
        device_id = phones.identify(device).device_id
    if device_id is None:
        near = difflib.get_close_matches(device, catalogue.devices, n=3)
        hint = f"did you mean {', '.join(near)}?" if near else "try `planner identify STRING`"
        raise errors.InputError(
            f"expected a device of the catalogue, got {device!r}", hint=hint, where="device"
        )
    facts = [(name, _flat(value), *origin) for name, value, *origin in catalogue.trace(device_id)]
    if as_json:
        rows = [
            dict(zip(("attribute", "value", "node", "source", "source_date"), fact, strict=True))
            for fact in facts
        ]
        output.emit({"device": device_id, "path": list(catalogue.path(device_id)), "attributes": rows})
        return
    output.table(
        ("attribute", "value", "from", "source", "date"), facts, title=" > ".join(catalogue.path(device_id))
    )


def _flat(value: object) -> object:
    return ";".join(sorted(value)) if isinstance(value, frozenset) else value


@app.command()
def check(as_json: options.Json = False) -> None:
    """Check the catalogue and the rule tables; exits 3 when a file is not in order."""
    from planner.identify import default_identifier

    options.settings()
    phones = default_identifier()
    problems = phones.catalogue.check()
    counts = {"devices": len(phones.catalogue.devices), "aliases": len(phones.catalogue.aliases)}
    if as_json:
        output.emit({"ok": not problems, **counts, "rules": phones.version, "problems": problems})
    else:
        for problem in problems:
            print(problem)
        print(f"{counts['devices']} devices, {counts['aliases']} aliases, {len(problems)} problem(s).")
    if problems:
        raise typer.Exit(errors.ConfigurationError.exit_code)
