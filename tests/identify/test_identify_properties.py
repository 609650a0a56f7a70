"""Laws of identification: total, stable, private, and linear on hostile text (tests/bench times it)."""

import inspect
import json
import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import identify
from planner.identify import agents, browsers, profiles, strings, tokens

PIECES = [
    "SAMSUNG-ANDROID-MMS/", "SM-G900F", "/SN354834012345678", "[TF354834012345678]", "[ST", "]", "%22", "%2",
    " ", '"', "1234567", "35-209900-176148-1", "http://", "gsm.lge.com/", "nds1.nds.nokia.com/uaprof/", "-M1",
    "r100", "_GPRS", "Mozilla/5.0 (Linux; Android 10; ", "iPhone OS ", " Build/", ")", ";", "lg", "\x00",
    "\u200b", "é", "Version/9",
]  # fmt: skip
texts = st.one_of(st.text(max_size=600), st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
headers = st.sampled_from(["Sec-CH-UA-Model", "sec-ch-ua-platform", "Sec-CH-UA-Platform-Version", "x"])
NODES = identify.default_catalogue().devices


@given(texts, st.dictionaries(headers, st.text(max_size=60), max_size=3))
def test_any_text_gives_an_answer(text, hints):
    found = identify.identify(text, hints)
    assert found.reason
    assert 0 <= found.confidence <= 1


@given(texts)
def test_cleaning_twice_is_cleaning_once(text):
    assert identify.clean(identify.clean(text)) == identify.clean(text)


@given(texts)
def test_identity_does_not_change_by_cleaning(text):
    assert identify.identify(identify.clean(text)) == identify.identify(text)


@given(texts, st.text("0123456789", min_size=14, max_size=40), texts)
def test_no_serial_number_survives(before, serial, after):
    assert not re.search(r"\d{14}", identify.clean(before + serial + after))


@given(texts)
def test_clean_text_is_short_and_printable(text):
    cleaned = identify.clean(text)
    assert len(cleaned) <= strings.LENGTH_MAX
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", cleaned)
    cleaned.encode()


@given(texts)
def test_the_node_and_the_class_agree(text):
    found = identify.identify(text)
    if found.device_id is not None:
        assert found.device_id in NODES
        assert identify.default_catalogue().attributes(found.device_id).os_family == found.os_family


def test_known_serial_numbers_are_cut_off():
    assert (
        identify.clean("Nokia6230/2.0/SN354834012345678 Profile/MIDP-2.0") == "Nokia6230/2.0 Profile/MIDP-2.0"
    )
    assert identify.clean("LG-430G[TF354834012345678] Obigo") == "LG-430G Obigo"
    assert identify.clean("SAMSUNG[ST0000000000]") == "SAMSUNG"
    assert identify.clean("35-209900-176148-1 X") == "X"
    assert identify.clean("%22SM-G900F%22\x00") == "SM-G900F"


def spelled(digits: str, sizes: tuple[int, ...], gap: str) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(digits[at : at + size])
        at += size
    return gap.join(part for part in parts if part)


# Who gives out IMEIs has two digits, none of which is 19 or 20; those are how dates begin.
imeis = st.builds(
    lambda body, rest: body + rest,
    st.sampled_from(["01", "35", "86", "99", "45", "52", "91"]),
    st.text("0123456789", min_size=12, max_size=14),
)
groups = st.sampled_from([(16,), (2, 6, 6, 2), (6, 2, 6, 2), (8, 6, 2)])
meids = st.builds(
    lambda first, rest: first + rest,
    st.sampled_from(["A0", "A1", "B5", "FF", "99"]),
    st.text("0123456789ABCDEF", min_size=12, max_size=12),
)
AROUND = [
    "Nokia6230/2.0 (04.43) {} Profile/MIDP-2.0 Configuration/CLDC-1.1",
    "SonyEricssonK700i/R2N/{} Browser/SEMC-Browser/4.0.5.10",
    "LG-KP500 [IMEI {}] Teleca/WAP2.0",
    "Mozilla/5.0 (Linux; Android 4.0.3; GT-I9100/{}; 2013.09.14) AppleWebKit/534.30",
    "IMEI:{}",
    "{}",
]


@given(imeis, groups, st.sampled_from([" ", "-", ".", "/"]), st.sampled_from(AROUND))
def test_an_imei_in_any_spelling_is_cut_off(digits, sizes, gap, around):
    written = around.format(spelled(digits, sizes, gap))
    cleaned = identify.clean(written)
    assert written.split("{")[0][:4] == cleaned[:4] or around in {"{}", "IMEI:{}"}
    assert digits[2:14] not in re.sub(r"[ ./-]", "", cleaned)
    assert identify.clean(cleaned) == cleaned


@given(imeis, st.lists(st.integers(1, 6), min_size=3, max_size=8), st.sampled_from([" ", "-"]))
def test_an_imei_in_odd_groups_is_cut_off_between_blanks_and_dashes(digits, sizes, gap):
    written = spelled(digits, (*sizes, 16), gap)
    assert digits[:14] not in re.sub(r"[ -]", "", identify.clean(f"LG-KP500 {written}"))


@given(meids, st.booleans(), st.sampled_from(["", "-", " "]), st.sampled_from(AROUND))
def test_a_meid_is_cut_off(digits, lower, gap, around):
    written = spelled(digits.lower() if lower else digits, (2, 6, 6), gap)
    assert digits not in re.sub(r"[ -]", "", identify.clean(around.format(written))).upper()


@pytest.mark.parametrize(
    "string",
    [
        "35209900-176148-1", "35 209900 176148 1", "352099/00/176148/1", "35-209900-176148-1",
        "A0000049B8C3F2", "a0000049b8c3f2", "35.209900.176148.1", "352099001761481", "352 099 001 761 481",
        "MEID:A0000049B8C3F2",
    ],
)  # fmt: skip
def test_spellings_of_serial_numbers(string):
    assert not re.search(r"[0-9]{3}", identify.clean(f"Nokia {string}"))


@pytest.mark.parametrize(
    "string",
    [
        "SonyEricssonK700i/R2N Browser/SEMC-Browser/4.0.5.10/Profile/MIDP-2.0",
        "MAUI_WAP_Browser Release/2013.09.14 Browser/2.0",
        "http://gsm.lge.com/html/gsm/20130914.xml",
        "http://nmsc.ctvap.cn/uaprof/SCH/SCH_I759_1_20130111.xml",
        "http://device.sprintpcs.com/KYOCERA/C5170-2011050301/1.200BT.rdf",
        "http://www.example.com/2013/09/14/123456/profile.xml",
        "http://www.example.com/uaprof/201309141234.xml",
        "Opera/9.80 (Android; Opera Mini/19.0.2254/108.10485; U; en) Presto/2.12.423 Version/12.16",
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0.6099.144 Safari/537.36",
        "Nokia6120c/3.83; Profile/MIDP-2.0 2013-09-14 12-34-56",
        "BlackBerry9700/5.0.0.862 Profile/MIDP-2.1 VendorID/120",
        "Mozilla/4.0 (compatible; MSIE 7.0; .NET CLR 2.0.50727; .NET CLR 3.0.4506.2152; .NET CLR 3.5.30729)",
        "iPhoneOS/4.2.1 (8C148)",
        "15551234567",
    ],
)
def test_dates_versions_and_paths_are_kept(string):
    assert identify.clean(string) == string


def test_a_serial_number_across_the_cut_leaves_no_digits():
    for length in range(480, 1040):
        assert not re.search(r"\d{14}", identify.clean("x" * length + "354834012345678"))
        assert not identify.clean("x" * length + "354834012345678").endswith("3548340")


def test_patterns_have_no_nested_repetition():
    found = [
        (module.__name__, name)
        for module in (agents, browsers, profiles, strings, tokens)
        for name, value in inspect.getmembers(module, lambda value: isinstance(value, re.Pattern))
        if re.search(r"[+*]\)(?:[+*]|\{\d*,\})", value.pattern)
    ]
    assert found == []


def test_importing_reads_no_table_and_loads_no_library():
    script = (
        "import sys, json; opened = [];"
        "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None);"
        "import planner.identify;"
        "print(json.dumps([[name for name in ('ua_parser', 'user_agents') if name in sys.modules],"
        " [path for path in opened if path.endswith('.csv')]]))"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert json.loads(answer.stdout) == [[], []]


@settings(max_examples=20)
@given(texts)
def test_a_remembered_answer_is_the_one_that_reading_gives(text):
    known = identify.default_identifier()
    fresh = identify.Identifier(known.catalogue, known.rules)
    assert fresh.identify(text) == fresh.identify(text) == identify.identify(text)


def test_an_answer_without_hints_is_remembered_and_a_long_string_is_not():
    phones = identify.default_identifier()
    assert identify.identify("SAMSUNG-ANDROID-MMS/SM-G900F") is phones.identify(
        "SAMSUNG-ANDROID-MMS/SM-G900F"
    )
    text = "x" * (strings.LENGTH_MAX + 1)
    assert phones.identify(text) is not phones.identify(text)
