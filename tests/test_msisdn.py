"""Phone numbers: what is taken for one, and how it is written down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import errors, msisdn

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"
BLANKS = " \t\r\n\u00a0\u2007\u2009\u202f"


@pytest.mark.parametrize(
    "written",
    [
        "15551230000",
        15551230000,
        "+15551230000",
        "0015551230000",
        "00 1 555 123 0000",
        "+1 (555) 123-0000",
        "+1.555.123.0000",
        "1.5551230000",
        "1/555/123/0000",
        "[1] 555-123-0000",
        "  15551230000\r\n",
        *(f"+1{blank}555{blank}1230000" for blank in BLANKS),
        *(f"+1{dash}555{dash}1230000" for dash in DASHES),
    ],
)
def test_every_usual_way_to_write_a_number_gives_its_digits(written):
    assert msisdn.parse(written) == msisdn.normalise(written) == "15551230000"


@pytest.mark.parametrize("digits", ["12345678", "123456789012345"])
def test_eight_to_fifteen_digits_are_a_number(digits):
    assert msisdn.normalise(digits) == digits


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "+",
        "00",
        "1234567",
        "1234567890123456",
        "001234567",
        "05551230000",
        "0115551230000",
        "00015551230000",
        "+05551230000",
        "+0015551230000",
        "++15551230000",
        "1+5551230000",
        "1555CALLNOW",
        "15551230000 x12",
        "tel:15551230000",
        "1,555,123,0000",
        "-15551230000",
        -15551230000,
        15551230000.0,
        True,
        None,
        "15551230000.0",
        "15551230000,00",
        " 15551230000.00 ",
        "\u0661\u0665\u0665\u0665\u0661\u0662\u0663\u0660\u0660\u0660\u0660",
        "\uff11\uff15\uff15\uff15\uff11\uff12\uff13\uff10\uff10\uff10\uff10",
        "\uff0b15551230000",
        "1555123000\u00b2",
        "15551230000\x00",
        "\ud800",
    ],
)
def test_what_is_no_number_is_refused(written):
    assert msisdn.normalise(written) is None
    with pytest.raises(errors.NumberError):
        msisdn.parse(written)


def test_a_refusal_says_what_came_where_and_what_to_write():
    with pytest.raises(errors.NumberError) as refused:
        msisdn.parse("0555-12", where="recipients.csv:7")
    error = refused.value
    assert str(error) == (
        "recipients.csv:7: expected 8 to 15 digits with a country code, got '0555-12'"
        " (write it like 15551230000 or +1 (555) 123-0000, as text or a whole number)"
    )
    assert (error.exit_code, error.where) == (4, "recipients.csv:7")


def test_a_refusal_names_the_field_to_by_default_and_shows_long_input_shortened():
    with pytest.raises(errors.NumberError) as refused:
        msisdn.parse("x" * 10_000)
    assert str(refused.value).startswith("to: ")
    assert len(str(refused.value)) < 200


@given(st.from_regex(r"[1-9][0-9]{7,14}", fullmatch=True), st.sampled_from(["", "+", "00"]), st.data())
def test_separators_anywhere_change_nothing(digits, prefix, data):
    separators = st.text(BLANKS + DASHES + "()[]/", max_size=2)
    written = prefix + digits[0] + "".join(data.draw(separators) + digit for digit in digits[1:])
    assert msisdn.normalise(written) == digits


@given(st.text("0123456789", min_size=8, max_size=18), st.sampled_from(["", "+", "00", "011", "x"]))
def test_what_is_taken_is_what_came_without_its_prefix(digits, prefix):
    number = msisdn.normalise(prefix + digits)
    expected = digits if prefix == "+" else (prefix + digits).removeprefix("00")
    if expected.isdigit() and expected[0] != "0" and 8 <= len(expected) <= 15:
        assert number == expected
    else:
        assert number is None
