"""Texts: personal fields, and what a text costs as SMS. The laws are in `properties/test_texts_laws.py`."""

import pytest
import smsutil.codecs

from planner import texts
from planner.texts import Encoding

LINK = "https://m.example.com/m/0123456789abcdef"


# Personal fields.


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("Hello", ()),
        ("Hello {{name}}", ("name",)),
        ("{{ name }} {{when}} {{name}}", ("name", "when")),
        ("{{first.name}} {{first-name}} {{_1}}", ("first.name", "first-name", "_1")),
        ("{{1st}} {{first name}} {{ größe\t}}", ("1st", "first name", "größe")),
        ("{name} {{}} {{ }} {{a\nb}} {{a}b}} {{{{", ()),
    ],
)
def test_names_of_personal_fields_are_found_once_and_in_order(text, names):
    assert texts.fields_of(text) == names


def test_fields_are_filled_and_unknown_names_stay():
    said = texts.fill("{{name}}, see you {{ when }} at {{where}}", {"name": "Ann", "when": "on Friday"})
    assert said == "Ann, see you on Friday at {{where}}"


def test_a_value_is_never_read_as_a_field():
    assert texts.fill("{{a}}{{b}}", {"a": "{{b}}", "b": r"\1 \g<0>"}) == r"{{b}}\1 \g<0>"


# Alphabets.


def test_the_gsm_alphabet_is_that_of_the_independent_library_without_its_escape():
    assert set(smsutil.codecs.GSM_BASIC_CHARSET) - {"\x1b"} == texts.GSM7_BASIC
    assert set(smsutil.codecs.GSM_EXT_CHARSET) == texts.GSM7_EXTENSION
    assert len(texts.GSM7_BASIC) == 127


@pytest.mark.parametrize(
    ("text", "encoding", "units"),
    [
        ("", Encoding.GSM7, 0),
        ("abc", Encoding.GSM7, 3),
        ("5 €", Encoding.GSM7, 4),
        ("[{~}]", Encoding.GSM7, 10),
        ("Grüße\n", Encoding.GSM7, 6),
        ("\x1b", Encoding.UCS2, 1),
        ("ç", Encoding.UCS2, 1),
        ("dash \u2013", Encoding.UCS2, 6),
        ("漢", Encoding.UCS2, 1),
        ("😀", Encoding.UCS2, 2),
        ("€😀", Encoding.UCS2, 3),
    ],
)
def test_each_text_has_its_encoding_and_its_count_of_units(text, encoding, units):
    assert texts.encoding_of(text) is encoding
    assert texts.units_of(text, encoding) == units


# Parts.


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("", [0]),
        ("a" * 160, [160]),
        ("a" * 161, [153, 8]),
        ("a" * 306, [153, 153]),
        ("a" * 307, [153, 153, 1]),
        ("€" * 80, [80]),
        ("€" * 81, [76, 5]),
        ("a" * 152 + "€" + "a" * 10, [152, 11]),
        ("漢" * 70, [70]),
        ("漢" * 71, [67, 4]),
        ("😀" * 35, [35]),
        ("😀" * 36, [33, 3]),
        ("漢" * 66 + "😀" + "漢" * 4, [66, 5]),
    ],
)
def test_a_text_is_cut_into_as_few_parts_as_the_standard_allows(text, lengths):
    assert [len(part) for part in texts.segment(text)] == lengths


@pytest.mark.parametrize(
    ("lead", "lengths"),
    [
        ("a" * 120, [160]),
        ("a" * 121, [121, 40]),
        ("a" * 153, [153, 40]),
        ("a" * 270, [153, 117, 40]),
        ("漢" * 30, [70]),
        ("漢" * 31, [31, 40]),
    ],
)
def test_a_link_at_the_end_is_never_cut(lead, lengths):
    parts = texts.segment(lead + LINK, LINK)
    assert len(LINK) == 40
    assert [len(part) for part in parts] == lengths
    assert parts[-1].endswith(LINK)
    assert "".join(parts) == lead + LINK


def test_without_the_link_named_it_is_cut_like_any_text():
    assert [len(part) for part in texts.segment("a" * 121 + LINK)] == [153, 8]


def test_a_link_longer_than_a_part_is_cut_like_any_text():
    link = "x" * 200
    assert texts.segment("hi " + link, link) == ("hi " + "x" * 150, "x" * 50)


def test_a_link_is_the_end_of_the_text():
    with pytest.raises(AssertionError, match="end of the text"):
        texts.segment("no link here", LINK)
