import sqlite3
from contextlib import closing

import pytest

from planner.cli import system
from planner.policies import Policy
from planner.settings import SETTINGS
from tests.cli.examples import IPHONE, damage, file_of

# config show


def test_config_shows_every_setting_with_its_origin(planner, monkeypatch):
    monkeypatch.setenv("PLANNER_ACCOUNT", "clinic")
    shown = planner("config", "show", "--json").document
    assert set(shown) == {"settings", "policy"}
    assert [set(row) for row in shown["settings"]] == [{"setting", "value", "origin", "meaning"}] * len(
        SETTINGS
    )
    rows = {row["setting"]: row for row in shown["settings"]}
    assert set(rows) == {setting.variable for setting in SETTINGS.values()}
    assert (rows["PLANNER_ACCOUNT"]["value"], rows["PLANNER_ACCOUNT"]["origin"]) == (
        "clinic",
        "PLANNER_ACCOUNT",
    )
    assert rows["PLANNER_DATABASE_URL"]["value"] == "sqlite:///planner.db"
    assert rows["PLANNER_DATABASE_URL"]["origin"] == "default"


def test_config_shows_the_policy_in_force(planner, written, monkeypatch):
    path = written(b'name = "strict"\nlinks = "own"\n', "policy.toml")
    default = planner("config", "show", "--json").document["policy"]
    assert (default["name"], default["version"]) == ("default", Policy().version)
    chosen = planner("config", "show", "--policy", path, "--json").document["policy"]
    assert (chosen["name"], chosen["links"]) == ("strict", "own")
    assert chosen["version"] != default["version"]
    monkeypatch.setenv("PLANNER_POLICY_FILE", str(path))
    assert planner("config", "show", "--json").document["policy"] == chosen
    assert set(chosen) == set(Policy.__dataclass_fields__)


def test_policy_of_the_option_goes_before_that_of_the_variable(planner, written, monkeypatch):
    monkeypatch.setenv("PLANNER_POLICY_FILE", str(written(b'name = "variable"\n', "variable.toml")))
    option = written(b'name = "option"\n', "option.toml")
    shown = planner("config", "show", "--policy", option, "--json").document
    assert shown["policy"]["name"] == "option"


def test_config_in_words_names_settings_and_policy(planner):
    answer = planner("config", "show")
    assert answer.code == 0
    for said in (*(setting.variable for setting in SETTINGS.values()), "conflict_days", "android pdf link"):
        assert said in answer.out


def test_empty_variable_is_as_good_as_none(planner, monkeypatch):
    monkeypatch.setenv("PLANNER_DATABASE_URL", "")
    [row] = [
        row
        for row in planner("config", "show", "--json").document["settings"]
        if row["setting"] == "PLANNER_DATABASE_URL"
    ]
    assert (row["value"], row["origin"]) == ("sqlite:///planner.db", "default")


# doctor


def verdicts(answer):
    return {check["name"]: check["verdict"] for check in answer.documents}


def check_of(answer, name):
    [check] = [check for check in answer.documents if check["name"] == name]
    return check


def test_doctor_finds_a_fresh_installation_well(planner, desk):
    answer = planner("doctor", "--json")
    assert answer.code == 0
    assert [set(check) for check in answer.documents] == [{"name", "verdict", "found", "advice"}] * len(
        answer.documents
    )
    found = verdicts(answer)
    assert set(found) >= {"program", "sqlite", "settings", "policy", "catalogue", "database"}
    assert {name: verdict for name, verdict in found.items() if verdict != "ok" and name != "sqlite"} == {}
    assert "is not there yet" in check_of(answer, "database")["found"]
    assert [*desk.iterdir()] == []


def test_doctor_finds_a_database_in_use_well(planner, known):
    answer = planner("doctor", "--db", known, "--json")
    assert answer.code == 0
    assert "3 numbers, 3 events" in check_of(answer, "database")["found"]


def test_doctor_in_words_has_a_line_for_each_check(planner):
    answer = planner("doctor", "--db", "nonsense")
    assert answer.code == 3
    first_words = [line.split()[:2] for line in answer.out.splitlines()]
    for check in (["ok", "program"], ["ok", "settings"], ["ok", "catalogue"], ["fail", "database"]):
        assert check in first_words


def test_doctor_finds_a_damaged_file_and_says_what_to_do(planner, known):
    damage(file_of(known))
    answer = planner("doctor", "--db", known, "--json")
    assert answer.code == 3
    check = check_of(answer, "database")
    assert check["verdict"] == "fail"
    assert "restore a backup" in check["advice"]


def test_doctor_finds_a_file_that_is_no_database(planner, written):
    path = written(b"something else " * 500, "x.db")
    answer = planner("doctor", "--db", f"sqlite:///{path}", "--json")
    assert (answer.code, check_of(answer, "database")["verdict"]) == (3, "fail")
    assert "not a database" in check_of(answer, "database")["found"]


def test_doctor_finds_views_that_are_not_what_the_ledgers_say(planner, known):
    with closing(sqlite3.connect(file_of(known))) as connection, connection:
        connection.execute(f"DELETE FROM handsets WHERE number = {IPHONE}")
    answer = planner("doctor", "--db", known, "--json")
    assert answer.code == 3
    check = check_of(answer, "views")
    assert (check["verdict"], check["advice"]) == ("fail", "run `planner db rebuild`")


@pytest.mark.parametrize("place", ["missing/planner.db", "regular/planner.db"])
def test_doctor_finds_a_database_that_cannot_be_made(planner, written, place):
    written(b"", "regular")
    answer = planner("doctor", "--db", f"sqlite:///{place}", "--json")
    assert (answer.code, check_of(answer, "database")["verdict"]) == (3, "fail")


@pytest.mark.parametrize("address", ["nonsense", "mysql://x/y", "sqlite:///."])
def test_doctor_finds_an_address_that_cannot_be_used(planner, address):
    answer = planner("doctor", "--db", address, "--json")
    assert (answer.code, check_of(answer, "database")["verdict"]) == (3, "fail")


def test_doctor_finds_a_misspelt_setting_and_goes_on(planner, monkeypatch):
    monkeypatch.setenv("PLANNER_DATABASE_ULR", "sqlite:///x.db")
    answer = planner("doctor", "--json")
    assert answer.code == 3
    check = check_of(answer, "settings")
    assert (check["verdict"], check["advice"]) == ("fail", "did you mean PLANNER_DATABASE_URL?")
    assert "PLANNER_DATABASE_ULR" in check["found"]
    assert verdicts(answer)["catalogue"] == "ok"


def test_doctor_finds_a_policy_that_cannot_be_used(planner, written, monkeypatch):
    monkeypatch.setenv("PLANNER_POLICY_FILE", str(written(b"colour = 1\n", "policy.toml")))
    answer = planner("doctor", "--json")
    assert (answer.code, check_of(answer, "policy")["verdict"]) == (3, "fail")
    assert "colour" in check_of(answer, "policy")["found"]


@pytest.mark.parametrize(
    ("version", "verdict"),
    [
        ((3, 40, 1), "warn"),
        ((3, 44, 5), "warn"),
        ((3, 44, 6), "ok"),
        ((3, 45, 0), "warn"),
        ((3, 50, 6), "warn"),
        ((3, 50, 7), "ok"),
        ((3, 51, 2), "warn"),
        ((3, 51, 3), "ok"),
        ((3, 52, 0), "ok"),
        ((4, 0, 0), "ok"),
    ],
)
def test_doctor_warns_of_a_sqlite_with_the_wal_race(planner, monkeypatch, version, verdict):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    answer = planner("doctor", "--json")
    assert (answer.code, verdicts(answer)["sqlite"]) == (0, verdict)


def test_doctor_warns_when_the_disk_is_nearly_full(planner, known, monkeypatch):
    monkeypatch.setattr(system, "FREE_BYTES_MIN", 1 << 62)
    answer = planner("doctor", "--db", known, "--json")
    assert (answer.code, verdicts(answer)["disk"]) == (0, "warn")
