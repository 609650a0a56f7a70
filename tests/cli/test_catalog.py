import pytest

from planner.identify import default_identifier


def test_show_tells_node_source_and_date_of_each_attribute(planner):
    shown = planner("catalog", "show", "samsung_sm_g900f", "--json").document
    assert shown["device"] == "samsung_sm_g900f"
    assert (shown["path"][0], shown["path"][-1]) == ("generic", "samsung_sm_g900f")
    facts = {fact["attribute"]: fact for fact in shown["attributes"]}
    assert [set(fact) for fact in facts.values()] == [
        {"attribute", "value", "node", "source", "source_date"}
    ] * len(facts)
    assert (facts["model_name"]["value"], facts["model_name"]["node"]) == ("SM-G900F", "samsung_sm_g900f")
    assert facts["os_family"]["value"] == "android"
    assert facts["os_family"]["node"] in shown["path"][1:-1]
    stated = [fact for fact in facts.values() if fact["value"] is not None]
    assert [fact for fact in stated if not (fact["source"] and fact["source_date"])] == []


def test_show_in_words_has_the_path_and_the_facts(planner):
    answer = planner("catalog", "show", "nokia_6230")
    assert answer.code == 0
    assert "generic > other > " in answer.out
    assert "mms_max_size" in answer.out


def test_device_may_be_named_by_a_string_that_names_a_phone(planner):
    shown = planner("catalog", "show", "SAMSUNG-ANDROID-MMS/SM-G900F", "--json").document
    assert shown["device"] == "samsung_sm_g900f"


@pytest.mark.parametrize("device", ["nokia_623", "samsung_sm_g900fd", "apple_iphon"])
def test_unknown_device_is_bad_input_with_a_suggestion(planner, device):
    answer = planner("catalog", "show", device, "--json")
    assert (answer.code, answer.out) == (4, "")
    assert f"got {device!r} (did you mean " in answer.err


@pytest.mark.parametrize("device", ["", "zzzzzzzz", "\x1b[31m"])
def test_device_like_no_other_is_bad_input_with_advice(planner, device):
    answer = planner("catalog", "show", device)
    assert answer.code == 4
    assert "planner identify" in answer.err
    assert "\x1b" not in answer.err


def test_every_node_of_a_path_can_be_shown(planner):
    path = planner("catalog", "show", "samsung_sm_g900f", "--json").document["path"]
    assert len(path) > 3
    for depth, device in enumerate(path, 1):
        assert planner("catalog", "show", device, "--json").document["path"] == path[:depth]


def test_check_finds_the_catalogue_in_order(planner):
    answer = planner("catalog", "check", "--json")
    assert (answer.code, answer.document["ok"], answer.document["problems"]) == (0, True, [])
    assert answer.document["devices"] == len(default_identifier().catalogue.devices)
    assert "0 problem(s)" in planner("catalog", "check").out


def test_check_tells_problems_and_exits_as_configuration(planner, monkeypatch):
    phones = default_identifier()
    monkeypatch.setattr(type(phones.catalogue), "check", lambda self: ["devices.csv:7: no such parent"])
    answer = planner("catalog", "check", "--json")
    assert (answer.code, answer.document["ok"]) == (3, False)
    assert answer.document["problems"] == ["devices.csv:7: no such parent"]
    words = planner("catalog", "check")
    assert (words.code, words.out.splitlines()[0]) == (3, "devices.csv:7: no such parent")
