"""`plan`, `lint` and `identify`: answers before anything is sent, without opening a socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner import content, errors, messages, msisdn, policies
from planner.cli import options, output
from planner.errors import Fault, Severity

if TYPE_CHECKING:
    from planner.identify import Identification
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
    # Everything that can be wrong is looked at before a database is opened, since that may create it.
    personal = options.pairs_of(field or [], "--field")
    moment = options.time_of(as_of)
    chosen = options.policy_of(policy)
    if to == "-" and message == "-":
        raise errors.InputError("expected one input from stdin, got two", where="--to and --message")
    read = _read_message(message, chosen, tuple(personal))
    recipient = to or read.to
    if recipient is None:
        raise errors.InputError("expected a recipient, got none", hint="give --to NUMBER", where="--to")
    if recipient != "-":
        msisdn.parse(recipient, where="--to")

    def planned(planner: Planner, number: str) -> Plan:
        return planner.plan(read, number, operator=operator, as_of=moment, personal=personal)

    with options.open_planner(db, policy) as planner:
        if operator and planner.phones.catalogue.carrier(operator) is None:
            output.note(f"planner: --operator: {operator} is no carrier that we know, so it sets no limit")
        if recipient != "-":
            _show_plan(planned(planner, recipient), as_json=as_json)
            return
        bad = 0
        for number in options.stdin_lines():
            try:
                _show_plan(planned(planner, number), as_json=as_json)
            except errors.NumberError as error:
                bad += 1
                _show_bad_number(number, error, as_json=as_json)
    if bad:
        output.note(f"planner: {bad} of the lines were no phone numbers")
        raise typer.Exit(6)


def _show_plan(planned: Plan, *, as_json: bool) -> None:
    if as_json:
        output.emit(planned.to_dict(), flush=True)
    else:
        print(planned.explain(), flush=True)


def _show_bad_number(number: str, error: errors.NumberError, *, as_json: bool) -> None:
    """Answer in the place of a plan: nothing is sent to what is no number."""
    if as_json:
        answer = {"to": number, "channel": "none", "reasons": ["bad_number"], "error": str(error)}
        output.emit(answer, flush=True)
    else:
        print(f"Send nothing to {number!r}: {error}", flush=True)


def _read_document(path: str) -> object:
    """Read the JSON of a message from a file or stdin."""
    if path != "-":
        return messages.read_json(path)
    body = options.stdin().read(messages.FILE_BYTES_MAX + 1)
    if len(body) > messages.FILE_BYTES_MAX:
        problem = f"expected at most {messages.FILE_BYTES_MAX} bytes of JSON, got more"
        raise errors.InputError(problem, hint="files are named by URL, not put inside", where="stdin")
    return messages.parse_json(body, where="stdin")


def _read_message(path: str, policy: policies.Policy, fields: tuple[str, ...]) -> messages.Message:
    """Read a message that can be planned; raise `LintError` with all its faults, of shape and of content."""
    document = _read_document(path)
    found = content.lint_document(document, policy, fields=fields)
    faults = tuple(fault for fault in found if fault.severity is Severity.FAULT)
    where = "stdin" if path == "-" else path
    if faults:
        raise errors.LintError(faults, where=where)
    return messages.Message.from_dict(document, where=where)


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
    document = _read_document(file)
    names = {name.partition("=")[0] for name in field} if field else None
    moment = options.time_of(as_of)
    found = content.lint_document(document, options.policy_of(policy), fields=names, as_of=moment)
    found += tuple(_unassigned(document))
    faults = [fault for fault in found if fault.severity is Severity.FAULT]
    if as_json:
        output.emit({"file": file, "ok": not faults, "findings": [fault.to_dict() for fault in found]})
    else:
        for finding in found:
            output.line(f"{finding.severity.value}: {finding}")
        counted = f"{len(faults)} fault(s), {len(found) - len(faults)} warning(s)"
        output.line(f"{file}: {counted}" if found else f"{file}: no faults")
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

    options.settings()
    hints = options.pairs_of(hint or [], "--hint")
    lines = options.stdin_lines() if strings == ["-"] else iter(strings)
    answers = ((text, identify_one(text, hints)) for text in lines)
    if as_json:
        for text, found in answers:
            output.emit({"string": text, **_answer(found)}, flush=True)
        return
    columns = ("string", "OS", "brand", "model", "device", "kind")
    output.table(
        columns,
        (
            (
                output.shortened(text, 48),
                f.os_family,
                f.brand,
                f.model,
                f.device_id,
                f.kind.value,
            )
            for text, f in answers
        ),
    )


def _answer(found: Identification) -> dict[str, Any]:
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
