import json
import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from planner.cli import receiving
from tests.cli.examples import ANDROID, IPHONE, NOKIA, SAMPLES, file_of, ndjson, postback

GOOD = ndjson(postback())
OTHER = ndjson(postback(ANDROID, "SM-G900F"))


def numbers(planner, db):
    return [row["number"] for row in planner("handset", "list", "--db", db, "--json").documents]


def state_of(planner, db):
    return planner("db", "check", "--db", db, "--json").document["state_hash"]


# Taken.


def test_samples_are_all_taken(planner, db):
    answer = planner("receive", SAMPLES / "receipts.ndjson", "--db", db, "--json")
    assert answer.code == 0
    assert answer.document == {
        "taken": 39,
        "repeated": 1,
        "unknown_codes": 1,
        "taught": 36,
        "aside": 1,
        "rejected": 0,
        "rejects_file": None,
        "errors": [],
    }
    assert answer.err == ""


def test_without_json_the_report_is_a_sentence(planner, db):
    answer = planner("receive", SAMPLES / "receipts.ndjson", "--db", db)
    assert answer.out.startswith("39 postbacks taken (1 of them repeats, 1 with an unknown code); 36 ")
    assert len(answer.out.splitlines()) == 1


def test_what_a_receipt_says_is_used_by_the_next_plan(planner, db, written):
    planner("receive", "-", "--db", db, stdin=GOOD)
    shown = planner("handset", "show", IPHONE, "--db", db, "--json").document
    assert (shown["os_class"], shown["evidence"][0]["string"]) == ("ios", "iPhoneOS")


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "N999"},
        {"code": "E101"},
        {"code": "n102"},
        {"tracking_id": "never-sent-by-us"},
        {"tracking_id": None},
        {"status": "Sideways", "campaign_ref": "x", "colour": {"deep": [1]}},
        {"handset": None},
        {"handset": ""},
        {"handset": "\u0000iPhone\u0000"},
        {"handset": "x" * 100_000},
        {"handset": "Größe 📱"},
        {"timestamp": None},
        {"timestamp": "2026-10-01 12:00:09"},
        {"timestamp": "0001-01-01T00:00:00Z"},
        {"to": "99999"},
        {"to": 15550100001},
        {"to": "+1 (555) 010-0001"},
        {"origin": "MMS_MO", "code": "N401", "to": "99999", "from": IPHONE},
    ],
)
def test_postback_of_this_kind_is_taken(planner, empty, changes):
    answer = planner(
        "receive", "-", "--db", empty, "--json", stdin=GOOD + ndjson(postback(**changes)) + OTHER
    )
    assert (answer.code, answer.document["taken"], answer.document["rejected"]) == (0, 3, 0)
    assert planner("db", "check", "--db", empty).code == 0
    assert {IPHONE, ANDROID} <= set(numbers(planner, empty))


def test_repeats_are_counted_and_change_nothing(planner, db):
    planner("receive", "-", "--db", db, stdin=GOOD + OTHER)
    before = state_of(planner, db)
    answer = planner("receive", "-", "--db", db, "--json", stdin=OTHER + GOOD + GOOD)
    assert (answer.code, answer.document["taken"], answer.document["repeated"]) == (0, 3, 3)
    assert state_of(planner, db) == before


def test_time_in_the_far_future_is_kept_aside_and_teaches_nothing(planner, db):
    late = ndjson(*(postback(timestamp=t) for t in ("2999-01-01T00:00:00Z", "9999-12-31T23:59:59Z")))
    answer = planner("receive", "-", "--db", db, "--json", stdin=late)
    assert (answer.code, answer.document["taken"]) == (0, 2)
    assert answer.document["aside"] == 2
    shown = planner("handset", "show", IPHONE, "--db", db, "--json").document
    assert (shown["state"], shown["evidence"]) == ("unknown", [])


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace(b"\n", b"\r\n") + OTHER.replace(b"\n", b"\r\n"),
        GOOD + OTHER.rstrip(b"\n"),
        b"\n  \n\r\n" + GOOD + b"\n\n" + OTHER + b"\n\n",
        b"\xef\xbb\xbf" + GOOD + OTHER,
        json.dumps([json.loads(GOOD), json.loads(OTHER)]).encode(),
        json.dumps([json.loads(GOOD), json.loads(OTHER)], indent=2).encode(),
        b"[" + GOOD.strip() + b",\n" + OTHER.strip() + b"]\n",
        b"[\r\n" + GOOD.strip() + b",\r\n" + OTHER.strip() + b"\r\n]\r\n",
        b"\xef\xbb\xbf" + json.dumps([json.loads(GOOD), json.loads(OTHER)], indent=2).encode(),
        b"\n".join(json.dumps(json.loads(line), indent=2).encode() for line in (GOOD, OTHER)),
    ],
    ids=[
        "CRLF",
        "no newline at the end",
        "blank lines",
        "byte order mark",
        "a list on one line",
        "a list over lines",
        "a list with one postback a line",
        "a list with CRLF",
        "a list over lines with byte order mark",
        "documents over lines",
    ],
)
def test_postbacks_may_lie_in_the_file_like_this(planner, empty, written, content):
    answer = planner("receive", written(content, "in.ndjson"), "--db", empty, "--json")
    assert (answer.code, answer.document["taken"], answer.document["rejected"]) == (0, 2, 0)
    assert numbers(planner, empty) == [IPHONE, ANDROID]


def test_one_document_over_several_lines_is_taken(planner, db, written):
    path = written(json.dumps(json.loads(GOOD), indent=4).encode(), "in.json")
    assert planner("receive", path, "--db", db, "--json").document["taken"] == 1


@pytest.mark.parametrize("content", [b"", b"\n\n", b"[]", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_file_without_postbacks_is_done(planner, empty, written, content):
    answer = planner("receive", written(content, "in.ndjson"), "--db", empty, "--json")
    assert (answer.code, answer.document["taken"], answer.document["rejected"]) == (0, 0, 0)


def test_account_keeps_equal_postbacks_apart(planner, db, monkeypatch):
    planner("receive", "-", "--db", db, stdin=GOOD)
    again = ["receive", "-", "--db", db, "--json"]
    assert planner(*again, "--account", "other", stdin=GOOD).document["repeated"] == 0
    monkeypatch.setenv("PLANNER_ACCOUNT", "other")
    assert planner(*again, stdin=GOOD).document["repeated"] == 1


# Not taken.

BAD = {
    "broken": b'{"code": "N102", \n',
    "brace": b"{\n",
    "bracket": b"[\n",
    "no JSON": b"code=N102&to=15550100001\n",
    "list": b"[1]\n",
    "text": b'"N102"\n',
    "number": b"5\n",
    "null": b"null\n",
    "no code": b'{"to": "15550100001"}\n',
    "code of a wrong type": b'{"code": ["N102"], "to": "15550100001"}\n',
    "true for a number": b'{"code": "N102", "to": true}\n',
    "letters in the number": b'{"code": "N102", "to": "1555O100001"}\n',
    "too many digits in the number": b'{"code": "N102", "to": "1234567890123456"}\n',
    "time that is none": b'{"code": "N102", "to": "15550100009", "timestamp": "yesterday"}\n',
    "time before all time": b'{"code": "N102", "timestamp": "0001-01-01T00:00:00+14:00"}\n',
    "NUL bytes": b"\x00\x00\x00\n",
    "NUL in JSON": b'{"code": "N102\x00"}\n',
    "UTF-16": '{"code": "N102"}'.encode("utf-16-le") + b"\n",
    "invalid UTF-8": b'{"code": "N102", "handset": "\xff\xfe"}\n',
    "lone surrogate": b'{"code": "N102", "to": "15550100009", "handset": "\\ud800"}\n',
    "NaN": b'{"code": "N102", "x": NaN}\n',
    "two documents": b'{"code": "N102"} {"code": "N102"}\n',
    "deep": b'{"code": "N102", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
    "CRLF": b"{\r\n",
    "many digits": b'{"code": "N102", "x": ' + b"1" * 5_000 + b"}\n",
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
@pytest.mark.parametrize("place", [1, 2, 3])
def test_line_of_this_kind_is_reported_and_kept_and_the_others_are_taken(planner, empty, written, bad, place):
    lines = [GOOD, OTHER]
    lines.insert(place - 1, bad)
    answer = planner("receive", written(b"".join(lines), "in.ndjson"), "--db", empty, "--json")
    assert answer.code == 6
    report = answer.document
    assert (report["taken"], report["rejected"]) == (2, 1)
    assert [error["line"] for error in report["errors"]] == [place]
    assert f"line {place}: " in answer.err
    assert Path(report["rejects_file"]).read_bytes() == bad
    assert report["rejects_file"].endswith("in.ndjson.rejects")
    assert numbers(planner, empty) == [IPHONE, ANDROID]


def test_last_line_that_was_cut_off_is_kept_as_it_is(planner, db, written):
    content = GOOD + OTHER[:40]
    answer = planner("receive", written(content, "in.ndjson"), "--db", db)
    assert answer.code == 6
    assert Path("in.ndjson.rejects").read_bytes() == OTHER[:40]
    assert "1 of 2 were not taken" in answer.out


def test_rejects_can_be_mended_and_received(planner, db, written):
    path = written(BAD["broken"] + GOOD + OTHER.replace(b'"code"', b"code"), "in.ndjson")
    planner("receive", path, "--db", db)
    rejects = Path(f"{path}.rejects")
    rejects.write_bytes(rejects.read_bytes().replace(BAD["broken"], b"").replace(b"{code", b"{x"))
    again = planner("receive", rejects, "--db", db)
    assert again.code == 6
    rejects = Path(f"{rejects}.rejects")
    assert rejects.read_bytes() == OTHER.replace(b'"code"', b"code")
    rejects.write_bytes(OTHER)
    assert planner("receive", rejects, "--db", db).code == 0
    assert numbers(planner, db) == [IPHONE, ANDROID]


def test_bad_documents_of_a_list_are_kept_one_a_line(planner, db, written):
    content = json.dumps([json.loads(GOOD), {"to": 5}, json.loads(OTHER), "x"], indent=1).encode()
    answer = planner("receive", written(content, "in.json"), "--db", db, "--json")
    assert answer.code == 6
    assert [error["document"] for error in answer.document["errors"]] == [2, 4]
    assert Path("in.json.rejects").read_bytes() == b'{"to": 5}\n"x"\n'


def test_only_the_first_bad_lines_are_reported_one_by_one(planner, db, written):
    count = receiving.REPORTED_MAX + 5
    answer = planner("receive", written(b"x\n" * count, "in.ndjson"), "--db", db, "--json")
    assert answer.document["rejected"] == count
    assert len(answer.document["errors"]) == receiving.REPORTED_MAX
    assert len(answer.err.splitlines()) == receiving.REPORTED_MAX + 1


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_line_of_one_mebibyte_is_taken_and_a_longer_one_is_not(planner, db, written, end):
    room = receiving.LINE_BYTES_MAX - len(GOOD.strip()) - len(b', "x": ""')
    full = GOOD.strip()[:-1] + b', "x": "' + b"a" * room + b'"}'
    assert len(full) == receiving.LINE_BYTES_MAX
    assert planner("receive", "-", "--db", db, "--json", stdin=OTHER + full + end).document["taken"] == 2
    longer = full.replace(b"a", b"aa", 1)
    answer = planner("receive", written(OTHER + longer + end, "in.ndjson"), "--db", db, "--json")
    assert answer.code == 6
    assert [error["line"] for error in answer.document["errors"]] == [2]
    assert Path("in.ndjson.rejects").read_bytes() == longer + end


@pytest.mark.parametrize("start", [b"x", b"{", b"["])
def test_line_much_too_long_is_kept_whole_and_the_next_one_is_read(planner, db, written, start):
    long = start + b"y" * (3 * receiving.LINE_BYTES_MAX) + b"\n"
    for content, place in ((long + GOOD, 1), (GOOD + long, 2)):
        path = written(content, f"in{place}.ndjson")
        answer = planner("receive", path, "--db", db, "--json")
        assert [error["line"] for error in answer.document["errors"]] == [place]
        assert answer.document["taken"] == 1
        assert Path(f"{path}.rejects").read_bytes() == long


@pytest.mark.parametrize("first", [b"{", b"[", b'{"a":'])
def test_broken_first_line_of_a_long_file_costs_only_itself(planner, db, written, first):
    filler = b"y" * 300_000 + b"\n"
    content = first + b"\n" + GOOD + filler * 5 + OTHER
    answer = planner("receive", written(content, "in.ndjson"), "--db", db, "--json")
    assert [error["line"] for error in answer.document["errors"]] == [1, 3, 4, 5, 6, 7]
    assert answer.document["taken"] == 2
    assert Path("in.ndjson.rejects").read_bytes() == first + b"\n" + filler * 5


# Files.


def test_rejects_file_can_be_chosen(planner, db, written, desk):
    answer = planner("receive", "-", "--rejects", "aside.ndjson", "--db", db, "--json", stdin=b"x\n")
    assert answer.document["rejects_file"] == "aside.ndjson"
    assert (desk / "aside.ndjson").read_bytes() == b"x\n"


def test_rejects_of_an_earlier_run_are_not_overwritten(planner, db, desk):
    for line in (b"first\n", b"second\n", b"third\n"):
        assert planner("receive", "-", "--db", db, stdin=line).code == 6
    kept = {path.name: path.read_bytes() for path in desk.iterdir()}
    assert kept == {
        "planner-stdin.rejects": b"first\n",
        "planner-stdin.rejects.2": b"second\n",
        "planner-stdin.rejects.3": b"third\n",
    }


@pytest.mark.skipif(
    not Path("/dev/stdin").exists(), reason="needs a pipe with a name, as the shell makes them"
)
def test_rejects_of_a_pipe_go_into_the_folder_at_hand(process, db, desk):
    with process("receive", "/dev/stdin", "--db", db) as running:
        running.communicate(GOOD + b"x\n", timeout=30)
    assert running.returncode == 6
    assert {path.name: path.read_bytes() for path in desk.iterdir()} == {"planner-stdin.rejects": b"x\n"}


def test_rejects_never_go_into_a_file_that_is_there(planner, db, written):
    path = written(GOOD + b"x\n", "in.ndjson")
    answer = planner("receive", path, "--rejects", path, "--db", db)
    assert answer.code == 4
    assert "in.ndjson: expected a path where nothing is yet" in answer.err
    assert path.read_bytes() == GOOD + b"x\n"
    assert not file_of(db).exists()


def test_rejects_may_go_to_the_null_device(planner, db):
    answer = planner("receive", "-", "--rejects", os.devnull, "--db", db, stdin=b"x\n" + GOOD)
    assert answer.code == 6


def test_without_rejects_no_file_is_made(planner, db, desk):
    planner("receive", "-", "--rejects", "aside.ndjson", "--db", db, stdin=GOOD)
    assert [*desk.iterdir()] == []


@pytest.mark.parametrize("place", ["regular/rejects", "missing/rejects", "."])
def test_rejects_file_that_cannot_be_written_is_a_matter_of_configuration(planner, db, written, place):
    written(b"", "regular")
    answer = planner("receive", "-", "--rejects", place, "--db", db, stdin=b"x\n")
    assert (answer.code, answer.out) == (3, "")
    assert place in answer.err
    assert "--rejects" in answer.err


@pytest.mark.parametrize(("path", "said"), [(".", "directory"), ("missing.ndjson", "No such file")])
def test_path_that_is_no_file_is_bad_input_and_opens_no_database(planner, db, path, said):
    answer = planner("receive", path, "--db", db)
    assert (answer.code, answer.out) == (4, "")
    assert said in answer.err
    assert not file_of(db).exists()


@pytest.mark.parametrize("place", ["regular/x.db", "missing/x.db", "."])
def test_database_that_cannot_be_written_is_a_matter_of_configuration(planner, written, desk, place):
    written(b"regular", "regular")
    answer = planner("receive", "-", "--db", f"sqlite:///{place}", stdin=GOOD + b"x\n")
    assert (answer.code, answer.out) == (3, "")
    assert f"sqlite:///{place}" in answer.err
    assert [path.name for path in desk.iterdir()] == ["regular"]


def test_database_in_use_is_tried_again_later(planner, known, monkeypatch):
    monkeypatch.setattr("planner.store.engines.BUSY_TIMEOUT_MS", 50)
    with closing(sqlite3.connect(file_of(known), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = planner("receive", "-", "--db", known, stdin=OTHER)
        assert (answer.code, answer.out) == (7, "")
        assert "try again" in answer.err
        other.execute("ROLLBACK")
    assert planner("receive", "-", "--db", known, stdin=OTHER).code == 0


# Order.


def test_any_order_repetition_and_batching_end_in_one_state(planner, tmp_path, monkeypatch):
    lines = (SAMPLES / "receipts.ndjson").read_bytes().splitlines(keepends=True)
    histories = [(lines, 1_000), (lines[::-1], 5), (lines[1::2] + lines + lines[::2], 13)]
    states = set()
    for number, (history, batch) in enumerate(histories):
        monkeypatch.setattr(receiving, "BATCH_LINES", batch)
        db = f"sqlite:///{tmp_path / f'{number}.db'}"
        assert planner("receive", "-", "--db", db, stdin=b"".join(history)).code == 0
        states.add(state_of(planner, db))
    assert len(states) == 1
    db = f"sqlite:///{tmp_path / 'less.db'}"
    planner("receive", "-", "--db", db, stdin=b"".join(lines[:-1]))
    assert state_of(planner, db) not in states


# Interruption.


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
@pytest.mark.slow
def test_ctrl_c_keeps_what_was_committed(db, process, planner):
    count = receiving.BATCH_LINES + 200
    lines = [ndjson(postback(str(15550200000 + n))) for n in range(count)]
    with process("receive", "-", "--db", db, interruptible=True) as running:
        running.stdin.write(b"".join(lines))
        running.stdin.flush()
        wait_for(lambda: sends(db) == receiving.BATCH_LINES)
        time.sleep(0.3)  # until it waits for more: Python loses an interrupt that comes while it tidies up
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
    assert (running.returncode, out) == (130, b"")
    assert err.decode().splitlines() == [
        "planner: batches that were taken stay; receiving the same again does no harm",
        "planner: interrupted",
    ]
    assert sends(db) == receiving.BATCH_LINES
    report = planner("receive", "-", "--db", db, "--json", stdin=b"".join(lines)).document
    assert (report["taken"], report["repeated"]) == (count, receiving.BATCH_LINES)
    assert planner("db", "check", "--db", db).code == 0


def sends(db):
    try:
        with closing(sqlite3.connect(f"file:{file_of(db)}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT count(*) FROM sends").fetchone()[0]
    except sqlite3.OperationalError:  # not there yet
        return None


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def test_nokia_is_other_and_not_unknown(planner, db):
    planner("receive", "-", "--db", db, stdin=ndjson(postback(NOKIA, "Nokia6230/2.0")))
    assert planner("handset", "show", NOKIA, "--db", db, "--json").document["os_class"] == "other"
