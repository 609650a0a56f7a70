"""`plan`, `lint` and `identify`: answers before anything is sent, without opening a socket."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner import content, errors, messages, msisdn
from planner.cli import options, output
from planner.errors import Fault, Severity

if TYPE_CHECKING:
    from planner.library import Planner
    from planner.plans import Plan

MessageFile = Annotated[
    str, typer.Option("--message", metavar="FILE", help="The message, in the API's own JSON; - is stdin.")
]
Fields = Annotated[
    list[str] | None,
    typer.Option("--field", metavar="NAME=VALUE", help="A personal field for {{NAME}}; may be repeated."),
]


def plan(
    message: MessageFile,
    to: Annotated[
        str | None, typer.Option("--to", metavar="NUMBER", help="The recipient; - reads numbers from stdin.")
    ] = None,
    operator: Annotated[
        str | None, typer.Option("--operator", metavar="ID", help="The carrier, where you know it better.")
    ] = None,
    field: Fields = None,
    as_of: options.AsOf = None,
    policy: options.PolicyFile = None,
    db: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Plan a message for one recipient: attachment or link, keep or reduce, MMS or SMS, and why."""
    read = _read_message(message)
    personal = options.pairs_of(field or [], "--field")
    moment = options.time_of(as_of)
    recipient = to or read.to
    if recipient is None:
        raise errors.InputError("expected a recipient, got none", hint="give --to NUMBER", where="--to")
    if recipient == "-" and message == "-":
        raise errors.InputError("expected one input from stdin, got two", where="--to and --message")

    def planned(planner: Planner, number: str) -> Plan:
        return planner.plan(read, number, operator=operator, as_of=moment, personal=personal)

    with options.open_planner(db, policy) as planner:
        if recipient != "-":
            _show_plan(planned(planner, recipient), as_json=as_json)
            return
        bad = 0
        for line in sys.stdin:
            try:
                _show_plan(planned(planner, line.strip()), as_json=as_json)
            except errors.NumberError as error:
                bad += 1
                _show_bad_number(line.strip(), error, as_json=as_json)
    if bad:
        output.note(f"planner: {bad} of the numbers were none")
        raise typer.Exit(6)


def _show_plan(planned: Plan, *, as_json: bool) -> None:
    if as_json:
        output.emit(planned.to_dict())
    else:
        print(planned.explain())


def _show_bad_number(number: str, error: errors.NumberError, *, as_json: bool) -> None:
    if as_json:
        output.emit({"to": number, "channel": "none", "reasons": ["bad_number"], "error": str(error)})
    else:
        print(f"Send nothing to {number!r}: {error}")


def _read_message(path: str) -> messages.Message:
    if path == "-":
        return messages.Message.from_dict(
            messages.parse_json(sys.stdin.buffer.read(), where="stdin"), where="stdin"
        )
    return messages.Message.from_file(path)


def lint(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The message file; - is stdin.")],
    field: Annotated[
        list[str] | None,
        typer.Option(
            "--field", metavar="NAME", help="A personal field that recipients have; may be repeated."
        ),
    ] = None,
    as_of: options.AsOf = None,
    policy: options.PolicyFile = None,
    as_json: options.Json = False,
) -> None:
    """Check a message against every rule of the API, all faults at once; exits 4 when there are any."""
    if file == "-":
        document = messages.parse_json(sys.stdin.buffer.read(), where="stdin")
    else:
        document = messages.read_json(file)
    names = {name.partition("=")[0] for name in field} if field else None
    moment = options.time_of(as_of)
    found = content.lint_document(document, options.policy_of(policy), fields=names, as_of=moment)
    found += tuple(_unassigned(document))
    faults = [fault for fault in found if fault.severity is Severity.FAULT]
    if as_json:
        output.emit({"file": file, "ok": not faults, "findings": [fault.to_dict() for fault in found]})
    else:
        for finding in found:
            print(f"{finding.severity.value}: {finding}")
        counted = f"{len(faults)} fault(s), {len(found) - len(faults)} warning(s)"
        print(f"{file}: {counted}" if found else f"{file}: no faults")
    if faults:
        raise typer.Exit(errors.LintError.exit_code)


def _unassigned(document: object) -> Iterator[Fault]:
    """Warn of a recipient that no numbering plan has, where the library for that is installed."""
    number = msisdn.normalise(str(document.get("to", ""))) if isinstance(document, dict) else None
    if number is None:
        return
    try:
        import phonenumbers
    except ImportError:
        return
    try:
        possible = phonenumbers.is_possible_number(phonenumbers.parse(f"+{number}"))
    except phonenumbers.NumberParseException:
        possible = False
    if not possible:
        problem = f"no numbering plan has {number}"
        yield Fault(
            "to", problem, "check the country code; it is sent all the same", severity=Severity.WARNING
        )


def identify(
    strings: Annotated[
        list[str],
        typer.Argument(metavar="STRING...", help="Handset strings, agents or UAProf URLs; - is stdin."),
    ],
    hint: Annotated[
        list[str] | None,
        typer.Option(
            "--hint", metavar="NAME=VALUE", help="A client hint header, for browsers; may be repeated."
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Say which phone a string means; one answer per string, in order."""
    from planner.identify import identify as identify_one

    hints = options.pairs_of(hint or [], "--hint")
    lines = (line.rstrip("\r\n") for line in sys.stdin) if strings == ["-"] else iter(strings)
    answers = ((text, identify_one(text, hints)) for text in lines)
    if as_json:
        for text, found in answers:
            output.emit({"string": text, **_answer(found)})
        return
    columns = ("string", "OS", "brand", "model", "device", "kind")
    output.table(
        columns,
        (
            (
                text if len(text) <= 48 else text[:47] + "…",
                f.os_family,
                f.brand,
                f.model,
                f.device_id,
                f.kind.value,
            )
            for text, f in answers
        ),
    )


def _answer(found: Any) -> dict[str, Any]:
    names = (
        "device_id",
        "os_family",
        "os_name",
        "os_version",
        "brand",
        "model",
        "marketing_name",
        "confidence",
    )
    return {name: getattr(found, name) for name in names} | {"kind": found.kind.value, "reason": found.reason}
