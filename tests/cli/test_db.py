import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.examples import ANDROID, IPHONE, damage, file_of, ndjson, postback

EMPTY_STATE = "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"
"""SHA-256 of the sum of nothing: thirty-two bytes of zero."""


def change(db, statement):
    with closing(sqlite3.connect(file_of(db))) as connection, connection:
        assert connection.execute(statement).rowcount > 0


def state_of(planner, db):
    return planner("db", "check", "--db", db, "--json").document["state_hash"]


def test_check_notices_a_string_that_is_gone(planner, known):
    change(known, "DELETE FROM strings")
    checked = planner("db", "check", "--db", known, "--json")
    answer = checked.document
    assert checked.code == 3
    assert answer["ok"] is False
    assert "name a string that is gone" in answer["damage"][-1]


# upgrade


def test_upgrade_makes_a_database_and_then_says_that_it_is_current(planner, db):
    first = planner("db", "upgrade", "--db", db, "--json").document
    assert (first["database"], first["before"]) == (db, None)
    again = planner("db", "upgrade", "--db", db, "--json").document
    assert again["before"] == again["after"] == first["after"]
    assert planner("db", "upgrade", "--db", db).out == f"{db}: current\n"


def test_upgrade_in_words_says_what_was_made(planner, db):
    assert planner("db", "upgrade", "--db", db).out.startswith(f"{db}: created -> ")
    assert file_of(db).exists()


def test_database_of_a_newer_program_is_refused(planner, empty):
    change(empty, "UPDATE alembic_version SET version_num = '9999'")
    for command in (["db", "upgrade"], ["db", "check"], ["handset", "list"], ["receive", "-"]):
        answer = planner(*command, "--db", empty)
        assert (answer.code, answer.out) == (3, "")
        assert "9999" in answer.err


# check


def test_check_gives_one_object_with_the_state(planner, known):
    answer = planner("db", "check", "--db", known, "--json")
    assert answer.code == 0
    found = answer.document
    assert found["ok"] is True
    assert found["damage"] == []
    assert found["state_hash"] == found["ledger_hash"]
    assert len(bytes.fromhex(found["state_hash"])) == 32
    assert {key: found[key] for key in ("numbers", "strings", "observations", "events", "sends")} == {
        "numbers": 3,
        "strings": 3,
        "observations": 3,
        "events": 3,
        "sends": 3,
    }


def test_check_in_words_says_that_all_is_in_order(planner, known):
    answer = planner("db", "check", "--db", known)
    assert answer.code == 0
    assert answer.out.splitlines()[-1] == "in order"
    assert state_of(planner, known) in answer.out


def test_state_of_nothing_is_the_hash_of_nothing(planner, empty):
    assert state_of(planner, empty) == EMPTY_STATE


@pytest.mark.parametrize(
    "later",
    [
        postback(IPHONE, "iPhoneOS/4.2.1 (8C148)"),
        postback(IPHONE, days_ago=1),
        postback("15559990000", tracking_id="X"),
        postback(code="E101", handset=None, to="15559990000", operator_id=None),
    ],
    ids=["another string", "a newer receipt", "another number", "another message"],
)
def test_state_changes_with_what_is_known(planner, known, later):
    before = state_of(planner, known)
    planner("receive", "-", "--db", known, stdin=ndjson(later))
    assert state_of(planner, known) != before


def test_receipt_about_a_message_without_tracking_id_changes_no_send(planner, known):
    before = planner("db", "check", "--db", known, "--json").document
    late = postback(tracking_id=None, handset=None, operator_id=None, code="E101")
    planner("receive", "-", "--db", known, stdin=ndjson(late))
    after = planner("db", "check", "--db", known, "--json").document
    assert after["events"] == before["events"] + 1
    assert after["state_hash"] == before["state_hash"]


@pytest.mark.parametrize("command", [["check"], ["backup", "copy.db"], ["rebuild"]])
def test_missing_database_is_a_matter_of_configuration_and_is_not_made(planner, db, desk, command):
    answer = planner("db", *command, "--db", db)
    assert (answer.code, answer.out) == (3, "")
    assert "expected a database, found no file" in answer.err
    assert not file_of(db).exists()
    assert [*desk.iterdir()] == []


@pytest.mark.parametrize("content", [b"not a database, but long enough to be one" * 50, b""])
def test_file_that_is_no_database_of_ours_is_refused(planner, written, content):
    path = written(content, "x.db")
    answer = planner("db", "check", "--db", f"sqlite:///{path}")
    assert (answer.code, answer.out) == (3, "")
    assert "x.db" in answer.err
    assert path.read_bytes() == content


# Damage, and rebuilding.

DAMAGE = {
    "a handset is gone": f"DELETE FROM handsets WHERE number = {IPHONE}",
    "a handset is older": f"UPDATE handsets SET observed_at = observed_at - 1 WHERE number = {ANDROID}",
    "a handset has another carrier": "UPDATE handsets SET operator_id = 'x'",
    "a handset was made up": f"UPDATE handsets SET number = 15559999999 WHERE number = {ANDROID}",
    "a message is gone": f"DELETE FROM sends WHERE tracking_id = 'T{IPHONE}'",
    "a message went down": "UPDATE sends SET state = 30",
}


@pytest.mark.parametrize("statement", DAMAGE.values(), ids=DAMAGE)
def test_damaged_view_is_found_and_mended_by_a_rebuild(planner, known, statement):
    before = state_of(planner, known)
    change(known, statement)
    found = planner("db", "check", "--db", known, "--json")
    assert (found.code, found.document["ok"]) == (3, False)
    assert found.document["state_hash"] != found.document["ledger_hash"] == before
    words = planner("db", "check", "--db", known)
    assert (words.code, "planner db rebuild" in words.out) == (3, True)
    mended = planner("db", "rebuild", "--db", known, "--json")
    assert mended.code == 0
    assert mended.document == {"before": found.document["state_hash"], "after": before, "changed": True}
    assert state_of(planner, known) == before


def test_rebuild_of_sound_views_changes_nothing(planner, known):
    before = state_of(planner, known)
    assert planner("db", "rebuild", "--db", known, "--json").document == {
        "before": before,
        "after": before,
        "changed": False,
    }
    assert planner("db", "rebuild", "--db", known).out == f"state {before}: unchanged\n"


def test_rebuild_makes_the_meanings_of_strings_again(planner, known):
    change(known, "UPDATE meanings SET rules = 'old', device_id = NULL, os_family = NULL")
    planner("db", "rebuild", "--db", known)
    with closing(sqlite3.connect(file_of(known))) as connection:
        families = {row[0] for row in connection.execute("SELECT os_family FROM meanings")}
    assert families == {"ios", "android", "other"}


@pytest.mark.parametrize(
    "command", [["db", "check"], ["db", "rebuild"], ["handset", "list"], ["receive", "-"]]
)
def test_damaged_file_is_told_with_advice(planner, known, command):
    damage(file_of(known))
    answer = planner(*command, "--db", known, stdin=ndjson(postback()))
    assert (answer.code, answer.out) == (3, "")
    assert "the file is damaged; restore a backup" in answer.err


# backup


def test_backup_has_the_same_state_and_can_be_used(planner, known, desk):
    answer = planner("db", "backup", "copy.db", "--db", known, "--json")
    path = desk / "copy.db"
    assert answer.document == {"backup": "copy.db", "bytes": path.stat().st_size}
    assert [*desk.iterdir()] == [path]
    copy = f"sqlite:///{path}"
    assert state_of(planner, copy) == state_of(planner, known)
    assert planner("handset", "show", IPHONE, "--db", copy, "--json").document["os_class"] == "ios"


def test_backup_refuses_a_file_that_is_there(planner, known, written):
    path = written(b"precious", "copy.db")
    answer = planner("db", "backup", path, "--db", known)
    assert (answer.code, answer.out) == (4, "")
    assert "copy.db: expected a path where nothing is yet" in answer.err
    assert path.read_bytes() == b"precious"


def test_backup_has_what_is_not_yet_in_the_main_file(planner, known):
    with closing(sqlite3.connect(file_of(known))) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM handsets").fetchone()
        planner("receive", "-", "--db", known, stdin=ndjson(postback("15550100009")))
        assert file_of(known).with_name("handsets.db-wal").stat().st_size > 0
        planner("db", "backup", "copy.db", "--db", known)
    assert state_of(planner, "sqlite:///copy.db") == state_of(planner, known)


@pytest.mark.parametrize("place", ["missing/copy.db", "regular/copy.db"])
def test_backup_into_a_place_that_cannot_be_written_is_told(planner, known, written, place):
    written(b"", "regular")
    answer = planner("db", "backup", place, "--db", known)
    assert (answer.code, answer.out) == (3, "")
    assert place in answer.err
    assert not Path(place).exists()
