import re
import shlex

import pytest

from tests.cli.examples import SAMPLES

AS_OF = "2026-11-20T12:00:00Z"
WITHOUT_TIME = "15550100020"
"""The number of the sample receipt that does not say when it was written."""
FORMS = {
    "15550100001": ["attachment", "attachment", "attachment"],
    "15550100002": ["attachment", "link", "link"],
    "15550100003": ["link", "link", "link"],
    "15550100004": ["attachment", "link", "link"],
}
PEOPLE = ["Ann", "Ben", "Cleo", "Dan"]


def rows_of(table):
    """The cells of each person's row."""
    lines = [line.strip() for line in table.splitlines()]
    return {
        line.split("  ")[0]: re.split(r"\s{2,}", line)[1:] for line in lines if line.startswith(tuple(PEOPLE))
    }


def test_demo_tells_the_whole_loop_and_ends(planner, desk):
    answer = planner("demo")
    assert (answer.code, answer.err) == (0, "")
    steps = re.split(r"^\d\. ", answer.out, flags=re.MULTILINE)[1:]
    assert len(steps) == 4
    before, after = rows_of(steps[0]), rows_of(steps[2])
    assert list(before) == list(after) == PEOPLE
    assert [cells[0] for cells in before.values()] == ["unknown"] * 4
    words = {"attachment": "attached", "link": "link"}
    assert [cells[1:4] for cells in after.values()] == [[words[f] for f in fs] for fs in FORMS.values()]
    assert [cells[0] for cells in after.values()] == [
        "Apple iPhone",
        "Samsung Galaxy S5",
        "Nokia 6230",
        "unknown",
    ]
    assert "39 postbacks" in steps[1]
    assert "SAMSUNG-ANDROID-MMS/SM-G900F" in steps[1]
    assert "other phone (known, nokia_6230)" in steps[3]
    assert [*desk.iterdir()] == []


def test_demo_as_json_has_the_plans_before_and_after(planner):
    plans = planner("demo", "--json").document
    assert set(plans) == {"before", "after"}
    assert [(plan["to"], plan["state"]) for plan in plans["before"]] == [(n, "unknown") for n in FORMS]
    assert {plan["to"]: [o["form"] for o in plan["objects"]] for plan in plans["after"]} == FORMS
    assert [plan["state"] for plan in plans["after"]] == ["known", "known", "known", "unknown"]
    assert [plan["os_class"] for plan in plans["after"]] == ["ios", "android", "other", "unknown"]
    assert plans["after"][3] == plans["before"][3]


def test_demo_says_the_same_every_time(planner):
    assert planner("demo", "--json").out == planner("demo", "--json").out


def test_kept_database_of_the_demo_can_be_planned_with(planner, desk):
    answer = planner("demo", "--keep", "demo.db")
    assert answer.code == 0
    program, *proposed = shlex.split(answer.out.splitlines()[-1])
    assert program == "planner"
    assert "Send as MMS to 15550100001: ios phone" in planner(*proposed).out
    assert [path.name for path in desk.iterdir()] == ["demo.db"]
    db = ["--db", "sqlite:///demo.db", "--json"]
    arguments = ["--message", SAMPLES / "appointment.json", "--as-of", AS_OF, *db]
    for number, forms in FORMS.items():
        plan = planner("plan", "--to", number, *arguments).document
        assert [planned["form"] for planned in plan["objects"]] == forms
    assert planner("db", "check", *db).code == 0


def test_command_that_the_demo_proposes_can_be_copied_whatever_the_path(planner):
    answer = planner("demo", "--keep", "my demo $HOME.db")
    _, *proposed = shlex.split(answer.out.splitlines()[-1])
    assert proposed[-1] == "sqlite:///my demo $HOME.db"
    assert planner(*proposed).code == 0


def test_clock_of_the_demo_stands_at_the_time_of_its_samples(planner):
    assert {plan["as_of"] for plan in planner("demo", "--json").document["after"]} == {AS_OF}
    planner("demo", "--keep", "demo.db")
    shown = planner("handset", "show", WITHOUT_TIME, "--db", "sqlite:///demo.db", "--json").document
    assert [(seen["assumed"], seen["observed_at"]) for seen in shown["evidence"]] == [(True, AS_OF)]


@pytest.mark.parametrize("content", [b"", b"precious"])
def test_demo_keeps_no_database_where_something_is(planner, written, content):
    path = written(content, "demo.db")
    answer = planner("demo", "--keep", path)
    assert (answer.code, answer.out) == (2, "")
    assert "expected a path where nothing is yet" in answer.err
    assert path.read_bytes() == content


def test_demo_leaves_the_database_of_the_settings_alone(planner, db, monkeypatch, tmp_path):
    monkeypatch.setenv("PLANNER_DATABASE_URL", db)
    assert planner("demo", "--json").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["desk"]


def test_demo_in_a_place_that_cannot_be_written_is_told(planner):
    answer = planner("demo", "--keep", "missing/demo.db")
    assert (answer.code, answer.out) == (3, "")
