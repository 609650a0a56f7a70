import json

import pytest

from tests.cli.examples import AS_OF, SAMPLES, media, message


def findings(answer, severity="fault"):
    return [(f["where"], f["code"]) for f in answer.document["findings"] if f["severity"] == severity]


def test_message_without_faults_is_done(planner):
    answer = planner("lint", SAMPLES / "appointment.json")
    assert answer.code == 0
    assert answer.out.endswith("appointment.json: no faults\n")
    path = str(SAMPLES / "appointment.json")
    assert planner("lint", path, "--json").document == {"file": path, "ok": True, "findings": []}


@pytest.mark.parametrize(
    ("document", "where", "code"),
    [
        (message(slide=[{"message-text": "a"}, {"pdf": media("pdf", url="a.pdf")}]), "slide[2].pdf.url", ""),
        (message(slide=[{"message-text": "a" * 5001}]), "slide[1].message-text", "E334"),
        (message(slide=[{"pdf": media("pdf", content_type="text/html")}]), "slide[1].pdf", "E229"),
        (
            message(
                slide=[
                    {
                        "pdf": media(
                            "pdf",
                            content_type="application/octet-stream",
                            url="https://media.example.com/a",
                        )
                    }
                ]
            ),
            "slide[1].pdf",
            "E629",
        ),
        (message(slide=[]), "slide", "E312"),
        (message(slide=[{"message-text": "a"}] * 9), "slide", "E225"),
        (message(**{"from": "nobody"}), "from", "E111"),
        (message(to="12"), "to", "E110"),
        (message(fallback_sms_text=""), "fallback-sms-text", "E622"),
        (
            message(slide=[{"pdf": {"url": "https://media.example.com/a.pdf"}}]),
            "slide[1].pdf",
            "size_unknown",
        ),
    ],
)
def test_fault_names_its_place_from_slide_1_and_its_code(planner, written, document, where, code):
    answer = planner("lint", written(document), "--json")
    assert answer.code == 4
    assert answer.document["ok"] is False
    found = findings(answer)
    assert [c for w, c in found if w.startswith(where) and (c == code or not code)], found
    words = planner("lint", written(document))
    assert words.code == 4
    assert f"fault: {where}" in words.out
    assert f"[{code}]" in words.out or not code
    assert "fault(s)" in words.out.splitlines()[-1]


def test_faults_of_shape_and_of_content_come_together(planner, written):
    document = message(slide=[{"message-text": 5}, {"message-text": "a" * 5001}, "text"], to="12")
    found = findings(planner("lint", written(document), "--json"))
    assert {where for where, _ in found} >= {
        "slide[1].message-text",
        "slide[2].message-text",
        "slide[3]",
        "to",
    }


def test_each_finding_says_what_is_wrong_and_what_to_do(planner, written):
    for finding in planner("lint", written(message(slide=[5], colour="red")), "--json").document["findings"]:
        assert set(finding) == {"where", "code", "severity", "problem", "advice"}
        assert finding["problem"]
        assert finding["advice"]


def test_warning_stops_nothing_and_has_no_code(planner, written):
    path = written(message(colour="red"))
    answer = planner("lint", path, "--json")
    assert (answer.code, answer.document["ok"]) == (0, True)
    assert findings(answer, "warning") == [("colour", "")]
    assert "0 fault(s), 1 warning(s)" in planner("lint", path).out


def test_number_that_no_numbering_plan_has_is_a_warning(planner, written):
    pytest.importorskip("phonenumbers")
    answer = planner("lint", written(message(to="99912345678")), "--json")
    assert answer.code == 0
    assert findings(answer, "warning") == [("to", "")]
    assert findings(planner("lint", written(message(to="15551230000")), "--json"), "warning") == []


def test_message_may_come_from_stdin(planner):
    answer = planner("lint", "-", "--json", stdin=json.dumps(message()).encode())
    assert (answer.code, answer.document["file"]) == (0, "-")
    assert planner("lint", "-", stdin=b"{").code == 4


@pytest.mark.parametrize("content", [b"", b"[]", b"5", b"null", b"{", b"\xff", b'{"slide": Infinity}'])
def test_file_that_is_no_message_has_faults(planner, written, content):
    answer = planner("lint", written(content), "--json")
    assert answer.code == 4
    assert "expected" in answer.out + answer.err


@pytest.mark.parametrize(("path", "said"), [(".", "directory"), ("missing.json", "no such file")])
def test_path_that_is_no_file_is_bad_input(planner, path, said):
    answer = planner("lint", path, "--json")
    assert (answer.code, answer.out) == (4, "")
    assert said in answer.err


def test_personal_field_that_no_recipient_has_is_reported_when_the_names_are_given(planner, written):
    path = written(message(message_subject="Hello {{name}}"))
    assert planner("lint", path, "--field", "name").code == 0
    assert planner("lint", path, "--field", "name=Ann").code == 0
    answer = planner("lint", path, "--field", "surname")
    assert "name" in answer.out
    assert answer.code == 4


def test_times_are_compared_with_the_time_given(planner, written):
    path = written(message(mms_expiry_timestamp="2026-11-23T12:00:00Z"))
    assert planner("lint", path, "--as-of", "2026-11-22").code == 0
    answer = planner("lint", path, "--as-of", "2026-11-24", "--json")
    assert [where for where, _ in findings(answer)] == ["mms-expiry-timestamp"]


def test_policy_says_what_the_account_takes(planner, written):
    policy = written(b"[account]\nservice_id_required = true\n", "policy.toml")
    path = written(message())
    assert planner("lint", path).code == 0
    assert findings(planner("lint", path, "--policy", policy, "--json")) == [("service-id", "E627")]


def test_text_of_the_message_cannot_command_the_terminal(planner, written):
    path = written(message(**{"\x1b[31mred\x07": 1}))
    assert "\x1b" not in planner("lint", path).out
    assert "\x1b" not in planner("lint", path, "--json").out


def test_lint_leaves_no_file_behind(planner, desk, written):
    path = written(message())
    planner("lint", path, "--as-of", AS_OF)
    assert [*desk.iterdir()] == [path]
