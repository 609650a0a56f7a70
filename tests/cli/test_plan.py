import json
import socket
import time

import pytest

from planner.plans import Plan, Reason
from tests.cli.examples import (
    ANDROID,
    AS_OF,
    IPHONE,
    NOBODY,
    NOKIA,
    SAMPLES,
    file_of,
    media,
    message,
    ndjson,
    postback,
)

PLAN_KEYS = [
    *("schema", "to", "as_of", "channel", "via", "os_class", "device", "state", "objects", "media"),
    *("size", "sms", "reasons", "evidence", "message_hash", "policy", "request"),
]
VOCABULARY = {
    "channel": {"mms", "sms", "none"},
    "via": {"mms", "sms_api", "text_mms", None},
    "os_class": {"ios", "android", "other", "unknown"},
    "state": {"known", "stale", "unknown", "conflict"},
}
ATTACHED = {
    IPHONE: {"contact", "calendar", "pdf"},
    ANDROID: {"contact"},
    NOKIA: set(),
    NOBODY: {"contact"},
}


@pytest.mark.parametrize("kind", ["contact", "calendar", "pdf"])
@pytest.mark.parametrize("number", ATTACHED)
def test_each_cell_of_the_object_rule_comes_out_of_the_command(planner, known, written, number, kind):
    path = written(message(kind))
    plan = planner("plan", "--to", number, "--message", path, "--db", known, "--json").document
    form = "attachment" if kind in ATTACHED[number] else "link"
    [planned] = plan["objects"]
    reason = f"seed_{plan['os_class']}"
    assert planned == {"slide": 1, "kind": kind, "form": form, "by": "api", "reason": reason}
    assert plan["channel"] == "mms"


@pytest.mark.parametrize(
    ("number", "os_class", "state"),
    [
        (IPHONE, "ios", "known"),
        (ANDROID, "android", "known"),
        (NOKIA, "other", "known"),
        (NOBODY, "unknown", "unknown"),
    ],
)
def test_plan_tells_what_phone_it_is_for(planner, known, written, number, os_class, state):
    arguments = ["--message", written(message()), "--db", known, "--json"]
    plan = planner("plan", "--to", number, *arguments).document
    assert (plan["to"], plan["os_class"], plan["state"]) == (number, os_class, state)
    assert [bool(plan["device"]), len(plan["evidence"])] == ([False, 0] if number == NOBODY else [True, 1])


def test_plan_as_json_has_every_key_of_the_contract_and_no_other(planner, known):
    path = SAMPLES / "appointment.json"
    arguments = ["--message", path, "--db", known, "--as-of", AS_OF, "--json"]
    plan = planner("plan", "--to", IPHONE, *arguments).document
    assert list(plan) == PLAN_KEYS
    assert plan["schema"] == 1
    assert {key: plan[key] for key in VOCABULARY if plan[key] not in VOCABULARY[key]} == {}
    assert set(plan["reasons"]) <= set(Reason)
    assert plan["reasons"]
    assert [set(planned) for planned in plan["objects"]] == [{"slide", "kind", "form", "by", "reason"}] * 3
    assert [set(planned) for planned in plan["media"]] == [{"slide", "kind", "action", "max_bytes", "reason"}]
    assert set(plan["size"]) == {"raw_bytes", "wire_bytes", "limit_wire_bytes", "limited_by"}
    assert [set(witness) for witness in plan["evidence"]] == [{"source", "string", "observed_at", "device"}]
    assert set(plan["policy"]) == {"name", "version"}
    assert plan["request"]["action"] == "sendmms"
    assert "bytes" not in json.dumps(plan["request"])


def test_plan_as_json_can_be_read_back(planner, known, written):
    arguments = ["--message", written(message("pdf")), "--db", known, "--json"]
    plan = planner("plan", "--to", NOKIA, *arguments).document
    assert Plan.from_dict(plan).to_dict() == plan


def test_same_state_and_time_give_the_same_bytes(planner, known):
    arguments = ["--message", SAMPLES / "appointment.json", "--db", known, "--as-of", AS_OF, "--json"]
    first, second = (planner("plan", "--to", IPHONE, *arguments).out for _ in range(2))
    assert first == second
    assert json.loads(first)["as_of"] == AS_OF.replace("+00:00", "Z")


def test_without_json_the_plan_is_said_in_words(planner, known, written):
    answer = planner("plan", "--to", NOKIA, "--message", written(message("contact")), "--db", known)
    assert answer.out.startswith(f"Send as MMS to {NOKIA}: other phone (known, nokia_6230).")
    assert "Slide 1, contact: link" in answer.out
    assert answer.err == ""


def test_message_may_come_from_stdin(planner, known):
    body = json.dumps(message("pdf")).encode()
    plan = planner("plan", "--to", IPHONE, "--message", "-", "--db", known, "--json", stdin=body).document
    assert plan["objects"][0]["form"] == "attachment"


def test_recipient_may_stand_in_the_message(planner, known, written):
    path = written(message("pdf", to=IPHONE))
    assert planner("plan", "--message", path, "--db", known, "--json").document["to"] == IPHONE
    plan = planner("plan", "--to", NOKIA, "--message", path, "--db", known, "--json").document
    assert (plan["to"], plan["request"]["to"]) == (NOKIA, NOKIA)


def test_without_any_recipient_it_says_how_to_name_one(planner, db, written):
    answer = planner("plan", "--message", written(message()), "--db", db)
    assert answer.code == 4
    assert "--to NUMBER" in answer.err


@pytest.mark.parametrize("spelling", ["+1 (555) 010-0001", "001-555-010-0001", "1.555.010.0001"])
def test_number_may_be_written_as_people_do(planner, known, written, spelling):
    arguments = ["--message", written(message()), "--db", known, "--json"]
    plan = planner("plan", "--to", spelling, *arguments).document
    assert (plan["to"], plan["os_class"]) == (IPHONE, "ios")


@pytest.mark.parametrize("number", ["1234567", "1" * 16, "0555010000", "1555O100001", "iPhone", "1;2", ""])
def test_bad_number_is_bad_input_and_opens_no_database(planner, db, written, number):
    answer = planner("plan", "--to", number, "--message", written(message()), "--db", db)
    assert (answer.code, answer.out) == (4, "")
    assert "--to" in answer.err
    assert not file_of(db).exists()


def test_personal_field_goes_into_the_request(planner, db, written):
    path = written(message(message_subject="Hello {{name}}"))
    arguments = ["--to", NOBODY, "--message", path, "--db", db, "--json"]
    plan = planner("plan", "--field", "name=Ann = Bo", *arguments).document
    assert plan["request"]["message-subject"] == "Hello Ann = Bo"


def test_personal_field_without_a_value_is_a_fault(planner, db, written):
    path = written(message(message_subject="Hello {{name}}"))
    answer = planner("plan", "--to", NOBODY, "--message", path, "--db", db)
    assert answer.code == 4
    assert "name" in answer.err
    assert not file_of(db).exists()


@pytest.mark.parametrize("field", ["name", "=Ann", ""])
def test_field_that_is_no_pair_is_bad_input(planner, db, written, field):
    path = written(message())
    answer = planner("plan", "--to", NOBODY, "--message", path, "--db", db, "--field", field)
    assert answer.code == 4
    assert "--field: expected name=value" in answer.err


def test_operator_option_goes_before_the_receipts(planner, known, written):
    path = written(message("image", **{"from": "18885550100"}))
    arguments = ["--to", IPHONE, "--message", path, "--db", known, "--json"]
    learnt = planner("plan", *arguments).document["size"]
    said = planner("plan", *arguments, "--operator", "31002").document["size"]
    assert learnt["limited_by"] == said["limited_by"] == "carrier"
    answer = planner("plan", *arguments, "--operator", "no-such-carrier")
    assert answer.document["size"]["limited_by"] == "device"
    assert "no-such-carrier" in answer.err


def test_policy_file_changes_the_rule(planner, known, written):
    policy = written(b'[objects.ios]\npdf = "link"\n', "policy.toml")
    path = written(message("pdf"))
    arguments = ["--to", IPHONE, "--message", path, "--db", known, "--json", "--policy", policy]
    [planned] = planner("plan", *arguments).document["objects"]
    assert (planned["form"], planned["by"]) == ("link", "planner")


@pytest.mark.parametrize("policy", [b"[objects.ios]\npdf = 'fax'\n", b"not TOML", b"colour = 1\n", None])
def test_policy_that_cannot_be_used_is_a_matter_of_configuration(planner, db, written, policy):
    path = "missing.toml" if policy is None else written(policy, "policy.toml")
    arguments = ["--to", NOBODY, "--message", written(message()), "--db", db, "--policy", path]
    answer = planner("plan", *arguments)
    assert (answer.code, answer.out) == (3, "")
    assert str(path) in answer.err
    assert not file_of(db).exists()


def test_evidence_older_than_a_year_is_stale(planner, db, written):
    planner("receive", "-", "--db", db, stdin=ndjson(postback(days_ago=400)))
    arguments = ["--to", IPHONE, "--message", written(message("pdf")), "--db", db, "--json"]
    plan = planner("plan", *arguments).document
    assert (plan["state"], plan["objects"][0]["form"]) == ("stale", "link")
    assert "stale" in plan["reasons"]


@pytest.mark.parametrize(
    "moment", ["yesterday", "2026-13-01", "0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", ""]
)
def test_time_that_is_none_is_bad_input(planner, db, written, moment):
    arguments = ["--to", NOBODY, "--message", written(message()), "--db", db, "--as-of", moment]
    answer = planner("plan", *arguments)
    assert answer.code == 4
    assert "--as-of: expected a time" in answer.err


@pytest.fixture
def elsewhere(monkeypatch):
    """A machine whose clock shows another time than UTC."""
    if not hasattr(time, "tzset"):
        pytest.skip("the zone of this system cannot be changed")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("moment", "utc"),
    [
        ("2026-11-22", "2026-11-22T00:00:00Z"),
        ("2026-11-22T12:00:00", "2026-11-22T12:00:00Z"),
        ("2026-11-22T12:00:00+02:00", "2026-11-22T10:00:00Z"),
        ("2026-11-22T12:00:00Z", "2026-11-22T12:00:00Z"),
    ],
)
def test_time_without_a_zone_is_in_utc(planner, db, written, elsewhere, moment, utc):
    arguments = ["--to", NOBODY, "--message", written(message()), "--db", db, "--as-of", moment, "--json"]
    assert planner("plan", *arguments).document["as_of"] == utc


def test_object_that_does_not_fit_becomes_a_link_of_our_own(planner, known, written):
    path = written(message("pdf", **{"from": "18885550100"}, slide=[{"pdf": media("pdf", bytes=700_000)}]))
    arguments = ["--to", IPHONE, "--message", path, "--db", known, "--json"]
    plan = planner("plan", *arguments).document
    assert (plan["channel"], plan["size"]["limited_by"]) == ("mms", "carrier")
    [planned] = plan["objects"]
    assert (planned["form"], planned["by"], planned["reason"]) == ("link", "planner", "moved_for_size")
    assert "{link:1}" in plan["request"]["slide"][0]["message-text"]


def test_message_that_cannot_be_made_to_fit_becomes_an_sms_or_nothing(planner, known, written):
    large = message("image", slide=[{"image": media("image", bytes=2_900_000)}])
    arguments = ["--to", NOKIA, "--db", known, "--json", "--message"]
    plan = planner("plan", *arguments, written(large)).document
    assert (plan["channel"], plan["via"]) == ("sms", "text_mms")
    assert set(plan["sms"]) == {"text", "encoding", "segments"}
    assert "too_large" in plan["reasons"]
    plan = planner("plan", *arguments, written(large | {"disable-fallback-sms": True})).document
    assert (plan["channel"], plan["via"], plan["request"]) == ("none", None, None)
    assert "fallback_disabled" in plan["reasons"]


# Messages that cannot be planned.


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "expected JSON"),
        (b"{", "expected JSON"),
        (b"\xff\xfe{", "expected JSON"),
        (b'{"slide": NaN}', "expected JSON"),
        (b"[" * 100_000, "expected JSON"),
        (b"[]", "expected a JSON object"),
        (b'"text"', "expected a JSON object"),
        (b'{"slide": {}}', "slide: expected a list of slides"),
        (b'{"slide": [1]}', "slide[1]: expected an object"),
        (b'{"slide": [{"message-text": 5}]}', "slide[1].message-text: expected a text"),
        (b'{"slide": [{"pdf": {"url": 5}}]}', "slide[1].pdf.url: expected a text"),
        (b'{"slide": [{"message-text": "\\ud800"}]}', "slide[1].message-text: expected a text"),
        (b"{" + b" " * 1_000_000 + b"}", "expected at most"),
    ],
)
def test_message_that_cannot_be_read_is_bad_input_and_opens_no_database(planner, db, written, content, said):
    path = written(content)
    answer = planner("plan", "--to", NOBODY, "--message", path, "--db", db, "--json")
    assert (answer.code, answer.out) == (4, "")
    assert said in answer.err
    assert "message.json" in answer.err
    assert not file_of(db).exists()
    piped = planner("plan", "--to", NOBODY, "--message", "-", "--db", db, "--json", stdin=content)
    assert (piped.code, piped.out) == (4, "")
    assert said in piped.err
    assert "stdin" in piped.err


@pytest.mark.parametrize(
    ("path", "said"), [(".", "directory"), ("missing.json", "no such file"), ("a\0b", "cannot be read")]
)
def test_message_path_that_is_no_file_is_bad_input(planner, db, path, said):
    answer = planner("plan", "--to", NOBODY, "--message", path, "--db", db)
    assert (answer.code, answer.out) == (4, "")
    assert said in answer.err
    assert not file_of(db).exists()


def test_all_faults_of_a_message_come_together(planner, db, written):
    faulty = message("pdf") | {
        "from": "x",
        "slide": [
            {"pdf": {"url": "files/a.pdf"}},
            {"message-text": "a" * 5001},
            {"image": media("image"), "video": 3},
            {"audio": {"url": "https://media.example.com/a.mp3"}},
        ],
    }
    answer = planner("plan", "--to", NOBODY, "--message", written(faulty), "--db", db)
    assert answer.code == 4
    places = ["from:", "slide[1].pdf.url:", "slide[2].message-text:", "slide[3].video:", "slide[4].audio"]
    assert [place for place in places if place not in answer.err] == []
    assert "E334" in answer.err
    assert not file_of(db).exists()


# Many recipients.


def test_numbers_from_stdin_get_one_answer_each_in_their_order(planner, known, written):
    lines = f"{NOKIA}\r\n+{IPHONE}\nnobody\n\n{NOKIA}".encode()
    arguments = ["--message", written(message("pdf")), "--db", known, "--json"]
    answer = planner("plan", "--to", "-", *arguments, stdin=lines)
    assert answer.code == 6
    assert [plan["to"] for plan in answer.documents] == [NOKIA, IPHONE, "nobody", "", NOKIA]
    assert [plan["reasons"] for plan in answer.documents[2:4]] == [["bad_number"]] * 2
    assert "2 of the lines were no phone numbers" in answer.err


def test_numbers_from_stdin_end_well_when_all_are_numbers(planner, known, written):
    answer = planner(
        "plan", "--to", "-", "--message", written(message()), "--db", known, stdin=f"{IPHONE}\n".encode()
    )
    assert answer.code == 0
    assert answer.out.startswith(f"Send as MMS to {IPHONE}")


def test_message_and_numbers_cannot_both_come_from_stdin(planner, db):
    answer = planner("plan", "--to", "-", "--message", "-", "--db", db)
    assert answer.code == 4
    assert "expected one input from stdin" in answer.err


# Sockets.


@pytest.fixture
def no_socket(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("no_socket")
def test_plan_and_lint_open_no_socket(planner, known, written):
    path = written(message("image", "pdf", to=IPHONE))
    assert planner("plan", "--message", path, "--db", known).code == 0
    assert planner("lint", path).code == 0
    bare = {"slide": [{"image": {"url": "https://media.example.com/a.jpg"}}], "fallback-sms-text": "x"}
    for command in (["plan", "--to", IPHONE, "--db", known, "--message"], ["lint"]):
        answer = planner(*command, written(bare))
        assert answer.code == 4
        assert "size_unknown" in answer.out + answer.err
    with pytest.raises(AssertionError, match="a socket was opened"):
        socket.socket()
