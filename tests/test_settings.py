from dataclasses import FrozenInstanceError, fields

import pytest

from planner import errors
from planner.settings import PREFIX, SETTINGS, Settings


def test_an_empty_environment_gives_the_defaults():
    settings = Settings.from_mapping({})
    assert settings.database_url == "sqlite:///planner.db"
    assert {name: getattr(settings, name) for name in SETTINGS} == {
        name: setting.default for name, setting in SETTINGS.items()
    }
    assert dict(settings.origins) == dict.fromkeys(SETTINGS, "default")


@pytest.mark.parametrize("name", SETTINGS)
def test_each_setting_is_taken_from_its_variable_and_says_so(name):
    variable = SETTINGS[name].variable
    settings = Settings.from_mapping({variable: "mine", "HOME": "elsewhere"})
    assert getattr(settings, name) == "mine"
    assert dict(settings.origins) == dict.fromkeys(SETTINGS, "default") | {name: variable}


@pytest.mark.parametrize("name", SETTINGS)
def test_an_empty_variable_is_as_good_as_none(name):
    assert Settings.from_mapping({SETTINGS[name].variable: ""}) == Settings.from_mapping({})


@pytest.mark.parametrize(
    ("variable", "hint"),
    [
        ("PLANNER_DATABASE", "did you mean PLANNER_DATABASE_URL?"),
        ("PLANNER_POLICY", "did you mean PLANNER_POLICY_FILE?"),
        ("PLANNER_ACOUNT", "did you mean PLANNER_ACCOUNT?"),
        ("PLANNER_DATABASE_URL_", "did you mean PLANNER_DATABASE_URL?"),
        ("PLANNER_", "known are PLANNER_DATABASE_URL, PLANNER_POLICY_FILE, PLANNER_ACCOUNT"),
        ("PLANNER_ZZZ", "known are PLANNER_DATABASE_URL, PLANNER_POLICY_FILE, PLANNER_ACCOUNT"),
    ],
)
@pytest.mark.parametrize("value", ["x", ""])
def test_a_setting_that_is_none_is_refused_with_a_suggestion(variable, hint, value):
    with pytest.raises(errors.ConfigurationError) as caught:
        Settings.from_mapping({"PLANNER_ACCOUNT": "fine", variable: value})
    assert (caught.value.where, caught.value.hint, caught.value.exit_code) == (variable, hint, 3)


def test_names_of_other_programs_are_none_of_our_business():
    others = {"planner_account": "x", "MYPLANNER_ACCOUNT": "x", "PLANNERS_ACCOUNT": "x", "PATH": "/bin"}
    assert Settings.from_mapping(others) == Settings.from_mapping({})


def test_settings_are_not_read_from_the_process_behind_our_back(monkeypatch):
    monkeypatch.setenv("PLANNER_ACCOUNT", "from the process")
    assert Settings.from_mapping({}).account == "default"


def test_settings_never_change():
    with pytest.raises(FrozenInstanceError):
        Settings.from_mapping({}).account = "other"


def test_each_setting_has_a_name_a_field_and_a_sentence():
    assert {field.name for field in fields(Settings)} == {*SETTINGS, "origins"}
    for name, setting in SETTINGS.items():
        assert setting.variable == PREFIX + name.upper()
        assert setting.meaning.endswith(".")
