"""Laws of texts: what an SMS costs, where it may be cut, and how personal fields are filled."""

import itertools

import smsutil
from hypothesis import assume, given
from hypothesis import strategies as st

from planner import texts
from planner.decide import sms_plan
from planner.messages import Message
from planner.policies import Policy
from tests.properties import strategies as some

PART_UNITS = {texts.Encoding.GSM7: (160, 153), texts.Encoding.UCS2: (70, 67)}


def units(part: str, encoding: texts.Encoding) -> int:
    """Septets or UTF-16 units, counted in another way than the product does."""
    if encoding is texts.Encoding.UCS2:
        return len(part.encode("utf-16-be")) // 2
    return len(part.encode("gsm0338"))  # the codec of smsutil


@given(some.SMS_TEXT)
def test_segments_agree_with_an_independent_library(text):
    assume("\x1b" not in text)  # smsutil takes the escape itself for a letter
    theirs = smsutil.split(text)
    assert [part.content for part in theirs.parts] == list(texts.segment(text))
    assert (theirs.encoding == "gsm0338") == (texts.encoding_of(text) is texts.Encoding.GSM7)


@given(some.SMS_TEXT, some.LINK)
def test_parts_joined_are_the_text_and_the_link_is_whole_in_the_last(lead, link):
    text = lead + link
    encoding = texts.encoding_of(text)
    alone, each = PART_UNITS[encoding]
    parts = texts.segment(text, link)
    assert "".join(parts) == text
    if units(link, encoding) <= each:
        assert parts[-1].endswith(link)
    assert max(units(part, encoding) for part in parts) <= (alone if len(parts) == 1 else each)


@given(some.SMS_TEXT, some.LINK)
def test_an_escape_pair_and_a_surrogate_pair_are_never_cut(lead, link):
    text = lead + link
    encoding = texts.encoding_of(text)
    assume(units(link, encoding) <= PART_UNITS[encoding][1])
    codec = "gsm0338" if encoding is texts.Encoding.GSM7 else "utf-16-be"
    for part in texts.segment(text, link):
        assert part.encode(codec).decode(codec) == part


@given(some.SMS_TEXT, some.LINK)
def test_no_part_could_take_the_first_letter_of_the_next(lead, link):
    text = lead + link
    encoding = texts.encoding_of(text)
    each = PART_UNITS[encoding][1]
    assume(units(link, encoding) <= each)
    parts = texts.segment(text, link)
    for part, following in itertools.pairwise(parts):
        word = link if link and following == link else following[0]
        assert units(part + word, encoding) > each


@given(some.SMS_TEXT, some.LINK)
def test_a_text_of_one_part_is_not_cut_and_a_longer_one_is(lead, link):
    text = lead + link
    encoding = texts.encoding_of(text)
    assert (len(texts.segment(text, link)) == 1) == (units(text, encoding) <= PART_UNITS[encoding][0])


@given(some.SMS_TEXT, st.sampled_from(["m.example.com", "https://m.example.com/", "http://l.example:81/a_b"]))
def test_an_sms_plan_counts_its_link_as_it_will_be_sent(text, host):
    policy = Policy(link_host=host)
    plan = sms_plan(text, Message(), policy)
    token = "Aa0" * 5 + "z"
    sent = plan.text.replace("{link:page}-----", token)
    assert sent == f"{text} {policy.link_prefix}{token}"
    assert plan.segments == len(texts.segment(sent, f"{policy.link_prefix}{token}"))
    assert plan.encoding is texts.encoding_of(sent)


NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,5}", fullmatch=True)


@given(st.lists(NAMES | some.TEXT, max_size=6), st.dictionaries(NAMES, some.TEXT, max_size=4))
def test_filling_replaces_exactly_the_names_that_are_there(pieces, fields):
    assume(all("{" not in piece and "}" not in piece for piece in pieces))
    known = [name for name in fields if name]
    names = [*known, "no_such_name"]
    text = "".join(f"{piece}{{{{ {name} }}}}" for piece, name in zip(pieces, names, strict=False))
    expected = "".join(
        f"{piece}{fields.get(name, '{{ ' + name + ' }}')}" for piece, name in zip(pieces, names, strict=False)
    )
    assert texts.fill(text, fields) == expected
    assert list(texts.fields_of(text)) == names[: min(len(pieces), len(names))]
