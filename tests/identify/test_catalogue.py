"""The catalogue: what the shipped tables say, and what the loader refuses, with file and line."""

import re
import shutil

import pytest

from planner import errors, identify
from planner.identify import carriers, catalogues, rules, tables

HEADER = ",".join(catalogues.DEVICE_COLUMNS)
SOURCE = "test,2026-11-22,yes"
ATTRIBUTES = "," * (len(catalogues.ATTRIBUTES) - 1)
SIZE_WITH_UNIT = ATTRIBUTES[:7] + "300 KB" + ATTRIBUTES[7:]
ALIAS = "x,mms-ua,android,test,2026-11-22"
ROOT = f"generic,,generic,{ATTRIBUTES},{SOURCE}"


def row(
    device_id: str, fall_back: str, layer: str = "os", facts: str = ATTRIBUTES, source: str = SOURCE
) -> str:
    return f"{device_id},{fall_back},{layer},{facts},{source}"


@pytest.fixture
def folder(tmp_path):
    """A folder of small tables that load; a test spoils one of them."""
    (tmp_path / "devices.csv").write_text(f"# source: test\n{HEADER}\n{ROOT}\n{row('android', 'generic')}\n")
    (tmp_path / "aliases.csv").write_text(",".join(catalogues.ALIAS_COLUMNS) + "\n")
    (tmp_path / "carriers.csv").write_text(",".join(carriers.COLUMNS) + "\n")
    return tmp_path


def add(folder, table, *lines):
    path = folder / table
    path.write_text(path.read_text() + "".join(f"{line}\n" for line in lines))


def refusal(folder) -> errors.ConfigurationError:
    with pytest.raises(errors.ConfigurationError) as caught:
        identify.load_catalogue(folder)
    return caught.value


def test_small_tables_load(folder):
    catalogue = identify.load_catalogue(folder)
    assert list(catalogue.devices) == ["generic", "android"]
    assert catalogue.path("android") == ("generic", "android")


@pytest.mark.parametrize(
    ("table", "lines", "where", "problem"),
    [
        ("devices.csv", [row("a", "b"), row("b", "a")], "devices.csv:5", "cycle"),
        ("devices.csv", [row("a", "a")], "devices.csv:5", "cycle"),
        ("devices.csv", [row("a", "andorid")], "devices.csv:5", "orphan"),
        ("devices.csv", [row("a", "")], "devices.csv:5", "no fall_back"),
        ("devices.csv", [row("android", "generic")], "devices.csv:5", "stands twice"),
        ("devices.csv", [row("a", "android", source=",2026-11-22,yes")], "devices.csv:5", "without a source"),
        ("devices.csv", [row("a", "android", source="test,soon,yes")], "devices.csv:5", "source_date"),
        ("devices.csv", [row("a", "android", layer="house")], "devices.csv:5", "layer must be one of"),
        ("devices.csv", [row("", "android")], "devices.csv:5", "without an id"),
        ("devices.csv", [row("a", "android", facts="beos" + ATTRIBUTES)], "devices.csv:5", "os_family"),
        ("devices.csv", [row("a", "android") + ",more"], "devices.csv:5", "cells under"),
        ("devices.csv", [row("a", "android", facts=SIZE_WITH_UNIT)], "devices.csv:5", "whole number"),
        ("aliases.csv", ["x,mms-ua,nobody,test,2026-11-22"], "aliases.csv:2", "not in devices.csv"),
        ("aliases.csv", ["x,mms-ua,android,,2026-11-22"], "aliases.csv:2", "without a source"),
        ("aliases.csv", ["x,postcard,android,test,2026-11-22"], "aliases.csv:2", "kind must be one of"),
        ("aliases.csv", [ALIAS, f"X{ALIAS[1:]}"], "aliases.csv:3", "twice"),
        ("carriers.csv", ["c,Carrier,US,31002,yes,,,,,,,2026-11-22"], "carriers.csv:2", "without a source"),
        ("carriers.csv", ["c,Carrier,US,31x02,yes,,,,,,test,2026-11-22"], "carriers.csv:2", "5 to 7 digits"),
        ("carriers.csv", ["c,,,,,10dlc,1,raw,,yes,test,2026-11-22"], "carriers.csv:2", "no carrier"),
        (
            "carriers.csv",
            ["c,Carrier,US,31002,yes,,,,,,test,2026-11-22", "d,Other,US,31002,yes,,,,,,test,2026-11-22"],
            "carriers.csv:3", "already belongs",
        ),
        (
            "carriers.csv",
            ["c,Carrier,US,,yes,,,,,,test,2026-11-22", *["c,,,,,10dlc,1,raw,,yes,test,2026-11-22"] * 2],
            "carriers.csv:4", "two rows in use",
        ),
        (
            "carriers.csv",
            ["c,Carrier,US,,yes,,,,,,test,2026-11-22", "c,,,,,fax,1,raw,,yes,test,2026-11-22"],
            "carriers.csv:3", "sender_type",
        ),
        (
            "carriers.csv",
            ["c,Carrier,US,,yes,,,,,,test,2026-11-22", "c,,,,,10dlc,1,raw,cat,yes,test,2026-11-22"],
            "carriers.csv:3", "object kinds",
        ),
    ],
)  # fmt: skip
def test_loader_refuses_with_file_and_line(folder, table, lines, where, problem):
    add(folder, table, *lines)
    error = refusal(folder)
    assert error.where.endswith(where)
    assert problem in str(error)


def test_loader_refuses_an_unknown_column(folder):
    path = folder / "devices.csv"
    path.write_text(path.read_text().replace("mms_pdf", "mms_pfd"))
    error = refusal(folder)
    assert error.where.endswith("devices.csv:2")
    assert "unknown column 'mms_pfd'" in str(error)
    assert "missing column 'mms_pdf'" in str(error)


def test_loader_refuses_a_missing_table(folder):
    (folder / "carriers.csv").unlink()
    assert refusal(folder).where.endswith("carriers.csv")


def test_an_orphan_gets_a_hint(folder):
    add(folder, "devices.csv", row("a", "andorid"))
    assert refusal(folder).hint == "did you mean 'android'?"


def test_extra_table_corrects_a_fact(folder, tmp_path):
    extra = tmp_path / "mine.csv"
    facts = ATTRIBUTES.split(",")
    facts[catalogues.ATTRIBUTES.index("mms_max_size")] = "5"
    extra.write_text(f"{HEADER}\n{row('android', 'generic', facts=','.join(facts))}\n")
    before = identify.load_catalogue(folder)
    after = identify.load_catalogue(folder, extra)
    assert after.attributes("android").mms_max_size == 5
    assert after.version != before.version


def test_version_follows_facts_and_not_comments(folder):
    before = identify.load_catalogue(folder).version
    add(folder, "devices.csv", "# another comment")
    assert identify.load_catalogue(folder).version == before
    add(folder, "devices.csv", row("a", "android"))
    assert identify.load_catalogue(folder).version != before


@pytest.mark.parametrize("name", sorted(rules.COLUMNS))
def test_rule_table_refuses_a_row_without_source(tmp_path, name):
    shutil.copytree(identify.data_folder(), tmp_path, dirs_exist_ok=True)
    path = tmp_path / name
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, "x," * (len(rules.COLUMNS[name]) - 2) + ","]) + "\n")
    with pytest.raises(errors.ConfigurationError, match="without a source") as caught:
        identify.load_rules(tmp_path)
    assert caught.value.where.endswith(f"{name}:{len(lines) + 1}")


def test_host_with_an_unknown_path_rule_is_refused(tmp_path):
    shutil.copytree(identify.data_folder(), tmp_path, dirs_exist_ok=True)
    add(tmp_path, "uaprof_hosts.csv", "example.com,,,telepathy,test,2026-11-22")
    with pytest.raises(errors.ConfigurationError, match="telepathy"):
        identify.Identifier(identify.default_catalogue(), identify.load_rules(tmp_path))


@pytest.mark.parametrize(
    "words", ["(mobile; rv:", "firefox os;", ";firefox os", "rv:", "firefox os;;b2g os", "adr 4; adr 5"]
)
def test_a_phrase_cut_at_its_semicolon_is_refused(tmp_path, words):
    shutil.copytree(identify.data_folder(), tmp_path, dirs_exist_ok=True)
    add(tmp_path, "platforms.csv", f"New OS,other,other,{words},test,2026-11-22")
    with pytest.raises(errors.ConfigurationError, match="no word to tell a system by"):
        identify.load_rules(tmp_path)


@pytest.mark.parametrize(("code", "refused"), [("C3", True), ("E", True), ("C3-00~", False), ("Q5$", False)])
def test_a_short_beginning_cannot_answer_other(tmp_path, code, refused):
    shutil.copytree(identify.data_folder(), tmp_path, dirs_exist_ok=True)
    add(tmp_path, "codes.csv", f"Honor,{code},,feature phone,,,test,2026-11-22")
    if not refused:
        assert identify.load_rules(tmp_path).code("Honor", code[:-1]).os_name == "feature phone"
        return
    with pytest.raises(errors.ConfigurationError, match="too short"):
        identify.load_rules(tmp_path)


@pytest.mark.parametrize(
    ("model", "found"),
    [
        ("K700i", True),
        ("K 700", True),
        ("K700", True),
        ("K7", False),
        ("K70", False),
        ("K7000", False),
        ("LK700", False),
    ],
)
def test_a_form_takes_the_letters_and_digits_it_shows(tmp_path, model, found):
    shutil.copytree(identify.data_folder(), tmp_path, dirs_exist_ok=True)
    add(tmp_path, "codes.csv", "Honor,K7##~,,feature phone,,,test,2026-11-22")
    assert (identify.load_rules(tmp_path).code("Honor", model) is not None) == found


# -- what ships ------------------------------------------------------------------------------------------


def test_shipped_tables_load_without_doubts():
    assert identify.default_catalogue().check() == []


def test_every_table_begins_with_comments_that_name_the_licence():
    for path in identify.data_folder().glob("*.csv"):
        head = [line for line in path.read_text(encoding="utf-8").splitlines()[:6] if line.startswith("#")]
        assert any("Licence" in line for line in head), path.name


def test_no_source_lies_in_a_paper_that_does_not_ship():
    inside = re.compile(
        r"device-knowledge|wire reference|corpus|\bSK1[. ]|\bseed\b|recalled|_dev\b", re.IGNORECASE
    )
    for path in identify.data_folder().glob("*.csv"):
        for at, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            assert not inside.search(line), f"{path.name}:{at}"


def test_what_nobody_checked_is_not_called_reviewed():
    for device in identify.default_catalogue().devices.values():
        assert not (device.reviewed and "unchecked" in device.source), device.where


def test_every_platform_has_its_node():
    found = identify.load_rules(identify.data_folder())
    for platform in found.platforms.values():
        node = identify.default_catalogue().attributes(platform.device_id)
        assert node.os_family == platform.os_family


def test_unknown_handset_is_generic():
    generic = identify.default_catalogue().attributes(None)
    assert generic.os_family is None
    assert generic.mms_max_size == 307_200
    assert (generic.mms_max_width, generic.mms_max_height) == (640, 480)
    assert (generic.mms_vcard, generic.mms_icalendar, generic.mms_pdf) == (True, False, False)
    assert generic.receiver is True
    assert {"text/plain", "image/jpeg", "application/smil"} <= generic.mms_accept


def test_first_facts():
    attributes = identify.default_catalogue().attributes
    ios, android, other = attributes("ios"), attributes("android"), attributes("other")
    assert (ios.mms_vcard, ios.mms_icalendar, ios.mms_pdf, ios.mms_max_size) == (True, True, True, 2_097_152)
    assert (android.mms_vcard, android.mms_icalendar, android.mms_pdf) == (True, False, False)
    assert (android.mms_max_size, android.mms_max_width, android.mms_max_height) == (1_048_576, 2592, 1944)
    assert (other.mms_vcard, other.mms_icalendar, other.mms_pdf, other.mms_max_size) == (
        False,
        False,
        False,
        307_200,
    )


def test_a_model_inherits_what_it_does_not_state():
    found = identify.default_catalogue().attributes("samsung_sm_g900f")
    assert (found.brand_name, found.model_name, found.marketing_name) == ("Samsung", "SM-G900F", "Galaxy S5")
    assert (found.os_family, found.mms_max_size, found.resolution_width) == ("android", 1_048_576, 1080)


def test_trace_names_the_node_and_the_source_of_each_attribute():
    facts = {fact.name: fact for fact in identify.default_catalogue().trace("samsung_sm_g900f")}
    assert tuple(facts) == catalogues.ATTRIBUTES
    assert facts["mms_max_size"].device_id == "android"
    assert facts["receiver"].device_id == "generic"
    assert facts["model_name"].source
    assert facts["os_version"].value is None


def test_path_of_an_unknown_device_suggests_near_ones():
    with pytest.raises(errors.InputError, match="did you mean samsung_sm_g900f"):
        identify.default_catalogue().path("samsung_sm_g900ff")
    with pytest.raises(errors.InputError, match="did you mean"):
        identify.default_catalogue().path("?")


def test_attributes_of_a_vanished_device_are_generic():
    catalogue = identify.default_catalogue()
    assert catalogue.attributes("no_longer_there") == catalogue.attributes(None)


@pytest.mark.parametrize("operator_id", ["31002", "310410", "0001470", " 31002 "])
def test_carrier_is_found_by_all_three_schemes(operator_id):
    assert identify.default_catalogue().carrier(operator_id).carrier_id == "att_us"


@pytest.mark.parametrize("operator_id", [None, "", "99999", "AT&T"])
def test_unknown_operator_is_no_carrier(operator_id):
    assert identify.default_catalogue().carrier(operator_id) is None


def test_the_operator_of_the_documented_example_is_known():
    assert identify.default_catalogue().carrier("310012").name == "Verizon Wireless"


def test_routes_state_limit_and_unit():
    verizon = identify.default_catalogue().carrier("31003")
    assert (verizon.routes["short_code"].max_bytes, verizon.routes["short_code"].unit) == (1_260_000, "raw")
    assert verizon.routes["10dlc"].max_bytes == 1_310_720
    assert verizon.mms is True


def test_pdf_is_refused_where_the_carrier_refuses_it():
    catalogue = identify.default_catalogue()
    assert "pdf" in catalogue.carrier("31002").routes["10dlc"].refuses
    assert "pdf" not in catalogue.carrier("31002").routes["short_code"].refuses


def test_contradicting_limits_stay_visible():
    rows = tables.read(identify.data_folder() / "carriers.csv", carriers.COLUMNS)
    published = [row for row in rows if (row["carrier_id"], row["sender_type"]) == ("att_us", "10dlc")]
    assert len(published) > 1
    assert sum(row.flag("use") is True for row in published) == 1


def test_data_folder_is_found_in_a_checkout_and_in_a_wheel(monkeypatch, tmp_path):
    assert (identify.data_folder() / "devices.csv").is_file()
    module = tmp_path / "planner" / "identify" / "catalogues.py"
    monkeypatch.setattr(catalogues, "__file__", str(module))
    with pytest.raises(errors.ConfigurationError, match="_data"):
        identify.data_folder()
    installed = tmp_path / "planner" / "_data"
    installed.mkdir(parents=True)
    (installed / "devices.csv").write_text(HEADER)
    assert identify.data_folder() == installed
