import csv
import io

import pytest

from tests.cli.examples import ANDROID, AS_OF, HANDSETS, IPHONE, NOBODY, NOKIA, ndjson, postback

SHOWN = [
    *("number", "state", "os_class", "device", "brand", "model", "marketing_name"),
    *("limit_wire_bytes", "limited_by", "accepts", "receives_mms", "operator", "evidence"),
]
LISTED = [
    *("number", "state", "os_class", "device", "brand", "model", "source", "string", "observed_at"),
    "operator",
]


@pytest.fixture
def learn(planner, db):
    """Learns receipts into a fresh database."""

    def learn(*documents):
        assert planner("receive", "-", "--db", db, stdin=ndjson(*documents)).code == 0
        return db

    return learn


# show


def test_show_tells_the_phone_and_its_evidence(planner, known):
    shown = planner("handset", "show", ANDROID, "--db", known, "--json").document
    assert list(shown) == SHOWN
    assert (shown["number"], shown["state"], shown["os_class"]) == (ANDROID, "known", "android")
    assert (shown["brand"], shown["model"], shown["operator"]) == ("Samsung", "SM-G900F", "31003")
    assert shown["accepts"] == {"contact": True, "calendar": False, "pdf": False}
    [seen] = shown["evidence"]
    assert (seen["source"], seen["string"], seen["assumed"]) == ("receipt", HANDSETS[ANDROID], False)
    assert seen["observed_at"].endswith("Z")
    assert seen["device"] == shown["device"] == "samsung_sm_g900f"


def test_show_in_words_has_the_same(planner, known):
    answer = planner("handset", "show", f"+{ANDROID}", "--db", known)
    assert answer.code == 0
    for said in (ANDROID, "android", "Galaxy S5", "contact yes, calendar no", HANDSETS[ANDROID]):
        assert said in answer.out


def test_unknown_number_is_shown_as_unknown(planner, known):
    answer = planner("handset", "show", NOBODY, "--db", known, "--json")
    assert answer.code == 0
    assert (answer.document["state"], answer.document["os_class"]) == ("unknown", "unknown")
    assert (answer.document["device"], answer.document["evidence"]) == (None, [])
    words = planner("handset", "show", NOBODY, "--db", known)
    assert words.code == 0
    assert "unknown" in words.out


def test_show_judges_the_age_of_evidence_by_the_time_given(planner, known):
    arguments = ["handset", "show", IPHONE, "--db", known, "--json"]
    assert planner(*arguments, "--as-of", AS_OF).document["state"] == "known"
    later = planner(*arguments, "--as-of", f"{int(AS_OF[:4]) + 2}-01-01").document
    assert (later["state"], later["os_class"]) == ("stale", "unknown")
    assert len(later["evidence"]) == 1


@pytest.mark.parametrize(
    "command", [["show", "12"], ["show", ""], ["hint", "12", "x"], ["list", "--after", "x"]]
)
def test_bad_number_is_bad_input(planner, known, command):
    answer = planner("handset", *command, "--db", known)
    assert (answer.code, answer.out) == (4, "")
    assert "8 to 15 digits" in answer.err


# list


def test_list_is_in_order_of_the_numbers(planner, known):
    answer = planner("handset", "list", "--db", known, "--json")
    assert [row["number"] for row in answer.documents] == sorted(HANDSETS)
    assert [list(row) for row in answer.documents] == [LISTED] * 3
    assert [row["os_class"] for row in answer.documents] == ["ios", "android", "other"]
    assert [row["string"] for row in answer.documents] == [HANDSETS[n] for n in sorted(HANDSETS)]


def test_list_of_nothing_is_empty(planner, empty):
    answer = planner("handset", "list", "--db", empty, "--json")
    assert (answer.code, answer.out) == (0, "")
    assert planner("handset", "list", "--db", empty).code == 0


def test_numbers_are_ordered_as_numbers(planner, learn):
    db = learn(*(postback(number) for number in ("9155500001", "15550100001", "441632960001")))
    answer = planner("handset", "list", "--db", db, "--json")
    assert [row["number"] for row in answer.documents] == ["9155500001", "15550100001", "441632960001"]


def test_pages_follow_each_other_without_gap_or_repeat(planner, learn):
    numbers = [str(15550300000 + n) for n in range(7)]
    db = learn(*map(postback, numbers))
    pages, after = [], []
    for _ in range(4):
        page = planner("handset", "list", "--limit", 3, *after, "--db", db, "--json").documents
        pages.append([row["number"] for row in page])
        after = ["--after", pages[-1][-1]] if page else after
    assert pages == [numbers[:3], numbers[3:6], numbers[6:], []]


def test_list_says_how_to_get_the_next_page_only_where_there_is_one(planner, known):
    first = planner("handset", "list", "--limit", 2, "--db", known)
    assert f"--after {ANDROID}" in first.err
    assert NOKIA not in first.out
    assert planner("handset", "list", "--limit", 3, "--db", known).err == ""


def test_list_ends_at_fifty_numbers_unless_told_otherwise(planner, learn):
    db = learn(*(postback(str(15550300000 + n)) for n in range(60)))
    assert len(planner("handset", "list", "--db", db, "--json").documents) == 50
    assert len(planner("handset", "list", "--limit", 1000, "--db", db, "--json").documents) == 60


@pytest.mark.parametrize("command", ["list", "export"])
@pytest.mark.parametrize(
    ("os_class", "numbers"), [("ios", [IPHONE]), ("android", [ANDROID]), ("other", [NOKIA]), ("unknown", [])]
)
def test_filter_keeps_one_class(planner, known, command, os_class, numbers):
    answer = planner("handset", command, "--os-class", os_class, "--db", known, "--json")
    assert [row["number"] for row in answer.documents] == numbers


@pytest.mark.parametrize("command", ["list", "export"])
def test_evidence_is_judged_by_the_time_given(planner, known, command):
    arguments = ["handset", command, "--db", known, "--json", "--as-of"]
    assert {row["state"] for row in planner(*arguments, AS_OF).documents} == {"known"}
    later = planner(*arguments, f"{int(AS_OF[:4]) + 2}-01-01").documents
    assert [(row["state"], row["os_class"]) for row in later] == [("stale", "unknown")] * 3


def test_page_of_a_filter_is_filled_from_what_follows(planner, learn):
    db = learn(*(postback(str(15550300000 + n), "iPhone" if n % 3 else "SM-G900F") for n in range(12)))
    arguments = ["handset", "list", "--os-class", "android", "--db", db, "--json", "--limit", 2]
    first = [row["number"] for row in planner(*arguments).documents]
    second = [row["number"] for row in planner(*arguments, "--after", first[-1]).documents]
    assert first + second == ["15550300000", "15550300003", "15550300006", "15550300009"]


@pytest.mark.parametrize(
    "option", [["--os-class", "symbian"], ["--limit", "0"], ["--limit", "-1"], ["--limit", "x"]]
)
def test_option_that_makes_no_sense_is_a_mistake_of_usage(planner, known, option):
    answer = planner("handset", "list", *option, "--db", known)
    assert (answer.code, answer.out) == (2, "")
    assert option[0] in answer.err


# export


def test_export_is_csv_with_one_line_a_number(planner, known):
    answer = planner("handset", "export", "--db", known)
    rows = [*csv.DictReader(io.StringIO(answer.out))]
    assert list(rows[0]) == LISTED
    assert {row["number"]: row["string"] for row in rows} == HANDSETS
    assert "\r" not in answer.out


def test_export_as_json_has_the_rows_of_list(planner, known):
    exported = planner("handset", "export", "--db", known, "--json")
    assert exported.out == planner("handset", "list", "--db", known, "--json").out


def test_export_has_every_number(planner, learn):
    numbers = [str(15550300000 + n) for n in range(120)]
    db = learn(*map(postback, numbers))
    rows = csv.DictReader(io.StringIO(planner("handset", "export", "--db", db).out))
    assert [row["number"] for row in rows] == numbers


@pytest.mark.parametrize("string", ["=iPhoneOS", "+SM-G900F", "-SAMSUNG-ANDROID-MMS/SM-G900F", "@iPhone"])
def test_string_in_csv_is_no_formula(planner, learn, string):
    db = learn(postback(IPHONE, string, operator_id=string), postback(ANDROID, 'SM-G900F,"1"x'))
    rows = [*csv.DictReader(io.StringIO(planner("handset", "export", "--db", db).out))]
    assert [(row["number"], row["string"]) for row in rows] == [
        (IPHONE, f"'{string}"),
        (ANDROID, 'SM-G900F,"1"x'),
    ]
    assert rows[0]["operator"] == f"'{string}"
    [row, _] = planner("handset", "export", "--db", db, "--json").documents
    assert row["string"] == string


@pytest.mark.parametrize("string", ["a\tb\r\nc", "\x1b[31mred", "\ufeff\u202eevil"])
def test_control_characters_of_a_receipt_are_not_stored(planner, learn, string):
    db = learn(postback(IPHONE, string))
    for command in (["show", IPHONE], ["list"], ["export"], ["show", IPHONE, "--json"]):
        out = planner("handset", *command, "--db", db).out
        assert {"\t", "\r", "\x1b", "\u202e", "\ufeff"}.isdisjoint(out)
        assert "\\u202e" not in out


# hint


def test_hint_teaches_what_phone_a_number_has(planner, db):
    answer = planner("handset", "hint", NOBODY, "SM-G900F", "--db", db, "--json")
    assert answer.document == {
        "number": NOBODY,
        "string": "SM-G900F",
        "device": "samsung_sm_g900f",
        "os_family": "android",
    }
    shown = planner("handset", "show", NOBODY, "--db", db, "--json").document
    assert (shown["state"], shown["os_class"]) == ("known", "android")
    assert [seen["source"] for seen in shown["evidence"]] == ["hint"]


def test_hint_goes_behind_a_receipt(planner, known):
    answer = planner("handset", "hint", IPHONE, "SM-G900F", "--db", known)
    assert answer.out == f"{IPHONE}: understood as samsung_sm_g900f.\n"
    shown = planner("handset", "show", IPHONE, "--db", known, "--json").document
    assert (shown["state"], shown["os_class"]) == ("conflict", "ios")


def test_hint_that_names_no_phone_is_kept_and_changes_nothing(planner, known):
    answer = planner("handset", "hint", IPHONE, "no such phone", "--db", known)
    assert answer.code == 0
    assert "names no phone" in answer.out
    assert planner("handset", "show", IPHONE, "--db", known, "--json").document["os_class"] == "ios"
