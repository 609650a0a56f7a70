import pytest

KEYS = [
    *("string", "device_id", "os_family", "os_name", "os_version", "brand", "model", "marketing_name"),
    *("confidence", "kind", "reason"),
]
CHROME = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/124.0.0.0 Mobile Safari/537.36"
)


def test_each_string_gets_one_answer_in_order(planner):
    strings = ["iPhoneOS", "motol7c", "no such phone", "SAMSUNG-ANDROID-MMS/SM-G900F", "iPhoneOS"]
    answer = planner("identify", *strings, "--json")
    assert answer.code == 0
    assert [found["string"] for found in answer.documents] == strings
    assert [list(found) for found in answer.documents] == [KEYS] * len(strings)
    families = [found["os_family"] for found in answer.documents]
    assert families == ["ios", "other", None, "android", "ios"]
    assert answer.documents[3]["brand"] == "Samsung"
    assert answer.documents[3]["model"] == "SM-G900F"


def test_without_json_it_is_a_table(planner):
    answer = planner("identify", "SAMSUNG-ANDROID-MMS/SM-G900F", "x" * 100)
    assert answer.code == 0
    assert "samsung_sm_g900f" in answer.out
    assert "x" * 47 + "…" in answer.out
    assert "x" * 48 not in answer.out


@pytest.mark.parametrize("string", ["", "Default", "no such phone", "\x00", "[b]", "x" * 10_000, "📱", "0"])
def test_not_recognising_a_phone_is_no_error(planner, string):
    answer = planner("identify", string, "--json")
    assert (answer.code, answer.document["os_family"]) == (0, None)
    assert answer.document["string"] == string
    assert planner("identify", string).code == 0


def test_each_line_of_stdin_gets_one_answer_in_order(planner):
    lines = b"iPhoneOS\r\n\nmotol7c\n  SM-G900F  \nvz\rmms1.0\nhalf\xff\nlast"
    answer = planner("identify", "-", "--json", stdin=lines)
    assert answer.code == 0
    assert [found["string"] for found in answer.documents] == [
        *("iPhoneOS", "", "motol7c", "  SM-G900F  ", "vz\rmms1.0", "half\ufffd", "last")
    ]
    assert [found["os_family"] for found in answer.documents][:4] == ["ios", None, "other", "android"]


def test_byte_order_mark_is_not_part_of_the_first_string(planner):
    answer = planner("identify", "-", "--json", stdin=b"\xef\xbb\xbfiPhoneOS\n")
    assert answer.document["string"] == "iPhoneOS"


def test_empty_stdin_has_no_answer(planner):
    answer = planner("identify", "-", "--json")
    assert (answer.code, answer.out) == (0, "")


def test_client_hints_name_the_model_that_the_browser_hides(planner):
    hints = ["--hint", 'Sec-CH-UA-Model="Pixel 8"', "--hint", 'Sec-CH-UA-Platform="Android"']
    assert planner("identify", CHROME, "--json").document["model"] is None
    assert planner("identify", CHROME, *hints, "--json").document["model"] == "Pixel 8"


def test_hint_that_is_no_pair_is_bad_input(planner):
    answer = planner("identify", CHROME, "--hint", "Sec-CH-UA-Model")
    assert answer.code == 4
    assert "--hint: expected name=value" in answer.err


def test_no_string_at_all_is_a_mistake_of_usage(planner):
    assert planner("identify").code == 2


def test_string_cannot_command_the_terminal(planner):
    answer = planner("identify", "\x1b[31miPhone\x07\x9b1m")
    assert {"\x1b", "\x07", "\x9b"}.isdisjoint(answer.out)


def test_string_that_looks_like_markup_is_shown_as_it_is(planner):
    assert "[bold]iPhone[/bold]" in planner("identify", "[bold]iPhone[/bold]").out


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_terminal_with_a_small_alphabet_takes_the_answers(process, arguments):
    with process("identify", "Größe", *arguments, env={"PYTHONIOENCODING": "ascii"}) as running:
        out, err = running.communicate(timeout=20)
    assert (running.returncode, err) == (0, b"")
    assert b"Gr\\" in out
    assert out.isascii()
