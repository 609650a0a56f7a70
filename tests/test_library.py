"""`open_planner` as a caller meets it."""

import json
import os
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import planner
from planner import Media, Message, Plan, Policy, Reason, Slide, errors, open_planner
from planner.handsets import State
from planner.policies import Form, OsClass
from planner.store import engines
from tests.cases import postbacks as recorded
from tests.store import NOW, NUMBER, receipt

MESSAGE = Message(
    slides=[
        Slide(text="See you on Friday"),
        Slide(calendar=Media("https://media.example.com/a.ics", bytes=1200, content_type="text/calendar")),
    ],
    fallback_text="Your appointment:",
)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "planner.db"


@pytest.fixture
def url(path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def p(url):
    with open_planner(url) as p:
        yield p


# Opening.


def test_the_example_of_the_documentation_works(url):
    with open_planner(url) as p:
        p.receive(recorded.load("postback-N102-mms"))
        plan = p.plan(MESSAGE, to="15555550123", as_of=NOW)
        assert (plan.channel, plan.objects[0].form) == ("mms", Form.ATTACHMENT)
        assert plan.request["to"] == "15555550123"
        assert plan.request["slide"][1] == {"calendar": {"url": "https://media.example.com/a.ics"}}
        assert "iPhoneOS" in plan.explain()
        p.record(plan, recorded.load("ack-sendmms-success"))


def test_the_default_database_lies_in_the_folder_one_works_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_planner() as p:
        p.receive(receipt())
    assert [file.name for file in tmp_path.iterdir()] == ["planner.db"]


def test_what_one_planner_learnt_the_next_one_knows(url):
    with open_planner(url) as p:
        p.receive(receipt())
    with open_planner(url) as p:
        assert p.plan(MESSAGE, NUMBER, as_of=NOW).os_class is OsClass.IOS


def test_a_policy_comes_as_a_value_or_as_a_file(url, tmp_path):
    (tmp_path / "policy.toml").write_text('name = "strict"\n[objects.ios]\ncalendar = "link"\n')
    for policy in (
        tmp_path / "policy.toml",
        str(tmp_path / "policy.toml"),
        Policy.from_file(tmp_path / "policy.toml"),
    ):
        with open_planner(url, policy=policy) as p:
            p.receive(receipt())
            plan = p.plan(MESSAGE, NUMBER, as_of=NOW)
            assert (plan.policy_name, plan.objects[0].form) == ("strict", Form.LINK)


@pytest.mark.parametrize("content", [None, "name = ", "[objects.ios]\ncalendar = 7\n"])
def test_a_policy_that_cannot_be_used_leaves_no_database_behind(url, path, tmp_path, content):
    if content is not None:
        (tmp_path / "policy.toml").write_text(content)
    with pytest.raises(errors.ConfigurationError) as caught:
        open_planner(url, policy=tmp_path / "policy.toml")
    assert caught.value.where == str(tmp_path / "policy.toml")
    assert not path.exists()


def test_reading_only_plans_and_refuses_to_learn(url, path):
    with pytest.raises(errors.ConfigurationError):
        open_planner(url, readonly=True)
    assert not path.exists()
    with open_planner(url) as p:
        p.receive(receipt())
    with open_planner(url, readonly=True) as p:
        plan = p.plan(MESSAGE, NUMBER, as_of=NOW)
        assert plan.os_class is OsClass.IOS
        for write in (
            lambda: p.receive(receipt("15555550124")),
            lambda: p.hint(NUMBER, "SM-G900F"),
            lambda: p.record(plan, recorded.load("ack-sendmms-success")),
            p.rebuild,
        ):
            with pytest.raises(errors.UseError, match="reading only"):
                write()


# Receiving.


@pytest.mark.parametrize(
    "shape",
    [
        lambda document: document,
        lambda document: json.dumps(document).encode(),
        json.dumps,
        lambda document: [document],
        lambda document: (document, document),
        lambda document: iter([document]),
    ],
    ids=["dict", "bytes", "text", "list", "tuple", "iterator"],
)
def test_a_postback_comes_as_a_dict_a_body_or_several(p, shape):
    assert p.receive(shape(receipt()), now=NOW).taught == 1
    assert [o.string for o in p.known(NUMBER).evidence] == ["iPhoneOS"]


@pytest.mark.parametrize(
    "garbage", [None, 5, True, 1.5, b"", "", b"\xff", "[]", {}, [None], [5], ["x"], [[]]]
)
def test_garbage_is_a_payload_error(p, garbage):
    with pytest.raises(errors.PayloadError):
        p.receive(garbage)


def test_with_one_that_cannot_be_read_none_is_taken(p):
    with pytest.raises(errors.PayloadError):
        p.receive([receipt(), {"code": "N102", "to": "nobody"}])
    assert list(p.handsets()) == []


def test_nothing_to_receive_is_no_error(p):
    assert p.receive([]).taken == 0


# Times.


def test_a_time_without_a_zone_is_refused_wherever_it_could_go(p):
    naive = NOW.replace(tzinfo=None)
    plan = p.plan(MESSAGE, NUMBER, as_of=NOW)
    for use in (
        lambda: p.plan(MESSAGE, NUMBER, as_of=naive),
        lambda: p.receive(receipt(), now=naive),
        lambda: p.hint(NUMBER, "iPhoneOS", now=naive),
        lambda: p.record(plan, recorded.load("ack-sendmms-success"), now=naive),
        lambda: p.read(p.known(NUMBER), as_of=naive),
    ):
        with pytest.raises(errors.UseError) as caught:
            use()
        assert caught.value.hint == "use datetime.now(UTC)"
    assert list(p.handsets()) == []


def test_a_plan_is_of_now_unless_another_time_is_given(p):
    before = datetime.now(UTC)
    assert before <= p.plan(MESSAGE, NUMBER).as_of <= datetime.now(UTC)
    east = NOW.astimezone(datetime.fromisoformat("2026-01-01T00:00:00+09:00").tzinfo)
    assert p.plan(MESSAGE, NUMBER, as_of=east) == p.plan(MESSAGE, NUMBER, as_of=NOW)
    assert p.plan(MESSAGE, NUMBER, as_of=east).to_dict()["as_of"] == "2026-11-22T12:00:00Z"


def test_evidence_ages_between_two_plans(p):
    p.receive(receipt(timestamp="2026-10-01T00:00:00Z"))
    assert p.plan(MESSAGE, NUMBER, as_of=NOW).state is State.KNOWN
    assert p.plan(MESSAGE, NUMBER, as_of=NOW + timedelta(days=400)).state is State.STALE


# What is known.


def test_a_hint_is_understood_and_shown(p):
    assert p.hint("+1 555 555 0123", "SM-G900F", now=NOW).os_family == "android"
    reading = p.read(p.known(NUMBER), as_of=NOW)
    assert reading.profile.os_class is OsClass.ANDROID
    assert [handset.number for handset in p.handsets()] == [NUMBER]
    assert list(p.handsets(after=NUMBER)) == []
    with pytest.raises(errors.NumberError):
        p.hint("nobody", "iPhoneOS")


def test_personal_fields_are_filled_for_the_recipient(p):
    message = Message(slides=[Slide(text="Hello {{name}}")], fallback_text="Hello {{name}}:")
    plan = p.plan(message, NUMBER, personal={"name": "Ada"}, as_of=NOW)
    assert plan.request["slide"] == [{"message-text": "Hello Ada"}]
    assert plan.request["fallback-sms-text"] == "Hello Ada:"
    with pytest.raises(errors.LintError):
        p.plan(message, NUMBER, as_of=NOW)


def test_accounts_share_what_is_known_of_phones_and_keep_their_messages_apart(url):
    with open_planner(url, account="a") as a, open_planner(url, account="b") as b:
        assert (a.receive(receipt()).repeated, b.receive(receipt()).repeated) == (0, 0)
        assert (a.receive(receipt()).repeated, b.receive(receipt()).repeated) == (1, 1)
        assert b.plan(MESSAGE, NUMBER, as_of=NOW).evidence == a.plan(MESSAGE, NUMBER, as_of=NOW).evidence


def test_a_rebuild_changes_nothing_when_all_is_in_order(p):
    p.receive(recorded.receipts())
    before, after = p.rebuild()
    assert before == after


# Same state, same plan.

SCRIPT = """
import json, sys
from datetime import UTC, datetime
from planner import Message, open_planner

message = Message.from_dict(json.loads(sys.argv[2]))
with open_planner(sys.argv[1], readonly=True) as p:
    plan = p.plan(message, "15555550123", as_of=datetime(2026, 11, 22, 12, tzinfo=UTC))
    print(json.dumps(plan.to_dict()))
"""


@pytest.mark.slow
def test_another_process_makes_the_same_bytes_of_the_same_state(p, url, fresh_python):
    p.receive([*recorded.receipts(), receipt(handset="SM-G900F", timestamp="2026-10-30T00:00:00Z")])
    here = json.dumps(p.plan(MESSAGE, NUMBER, as_of=NOW).to_dict()) + "\n"
    done = fresh_python("-R", "-c", SCRIPT, url, json.dumps(MESSAGE.to_dict()))
    assert (done.stdout, done.stderr) == (here, "")


def test_plans_of_many_threads_agree_with_those_of_one(p, scale, figure):
    strings = ("iPhoneOS", "SM-G900F", "Samsung Galaxy", "motol7c", "Default")
    numbers = [str(15555550100 + n) for n in range(20)]
    p.receive([receipt(number, handset=strings[n % 5]) for n, number in enumerate(numbers[:15])], now=NOW)
    alone = {number: p.plan(MESSAGE, number, as_of=NOW).to_dict() for number in numbers}
    assert len({plan["os_class"] for plan in alone.values()}) == 4
    count, threads = 2 * scale.rows, 8
    barrier = threading.Barrier(threads)

    def work(thread: int) -> int:
        barrier.wait()
        wrong = 0
        for n in range(thread, count, threads):
            number = numbers[n * 7 % len(numbers)]
            wrong += p.plan(MESSAGE, number, as_of=NOW, timeout_ms=5_000).to_dict() != alone[number]
        return wrong

    with ThreadPoolExecutor(threads) as pool:
        assert sum(pool.map(work, range(threads))) == 0
    figure(f"library: {count:,} plans from {threads} threads, all as from one thread")


# No socket, no waiting, no use after the end.

OFFLINE = """
import json, sys
opened = []

def watch(event, arguments):
    if event.startswith("socket.") or event == "urllib.Request":
        opened.append(event)
        raise RuntimeError(f"{event} in a program that must stay offline")

sys.addaudithook(watch)
from planner import Message, Policy, content, open_planner

message = Message.from_dict(json.loads(sys.argv[2]))
with open_planner(sys.argv[1]) as p:
    p.receive({"code": "N102", "to": "15555550123", "handset": "http://www.apple.com/mms/uaprof.rdf"})
    plan = p.plan(message, "15555550123")
    findings = content.lint(message, Policy())
print(plan.os_class.value, len(findings), opened)
if len(sys.argv) > 3:
    import socket
    socket.socket()
"""


@pytest.mark.slow
def test_planning_linting_and_receiving_open_no_socket(url, fresh_python):
    done = fresh_python("-c", OFFLINE, url, json.dumps(MESSAGE.to_dict()))
    assert (done.stdout, done.stderr) == ("ios 0 []\n", "")
    control = fresh_python("-c", OFFLINE, url, json.dumps(MESSAGE.to_dict()), "and then a socket")
    assert "must stay offline" in control.stderr


@pytest.fixture
def locked(p, path):
    """A database that another process keeps for itself alone."""
    p.receive(receipt())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        yield p
        other.execute("ROLLBACK")


def test_a_locked_database_gives_the_plan_for_an_unknown_phone_in_time(locked):
    began = time.monotonic()
    plan = locked.plan(MESSAGE, NUMBER, as_of=NOW)
    assert time.monotonic() - began < engines.BUSY_TIMEOUT_MS / 1000 / 2
    assert plan.reasons[0] is Reason.STORE_UNAVAILABLE
    assert (plan.state, plan.objects[0].form, plan.evidence) == (State.UNKNOWN, Form.LINK, ())
    assert Plan.from_dict(plan.to_dict()) == plan
    assert "could not be asked" in plan.explain()


def test_a_locked_database_is_an_error_for_who_asks_for_it(locked):
    began = time.monotonic()
    with pytest.raises(errors.UnavailableError) as caught:
        locked.plan(MESSAGE, NUMBER, on_error="raise", timeout_ms=30)
    assert time.monotonic() - began < engines.BUSY_TIMEOUT_MS / 1000 / 2
    assert caught.value.hint


def test_a_thread_that_never_looked_before_gets_its_plan_in_time_too(locked):
    with ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        plan = pool.submit(locked.plan, MESSAGE, NUMBER).result()
        assert time.monotonic() - began < engines.BUSY_TIMEOUT_MS / 1000 / 2
    assert Reason.STORE_UNAVAILABLE in plan.reasons


def test_a_planner_that_is_closed_refuses_every_use(url):
    p = open_planner(url)
    plan = p.plan(MESSAGE, NUMBER, as_of=NOW)
    p.close()
    p.close()
    for use in (
        lambda: p.plan(MESSAGE, NUMBER),
        lambda: p.plan(MESSAGE, NUMBER, on_error="unknown"),
        lambda: p.receive(receipt()),
        lambda: p.hint(NUMBER, "iPhoneOS"),
        lambda: p.record(plan, recorded.load("ack-sendmms-success")),
        lambda: p.known(NUMBER),
        lambda: list(p.handsets()),
        p.rebuild,
    ):
        with pytest.raises(errors.UseError, match="closed") as caught:
            use()
        assert "open_planner" in caught.value.hint


FORKED = """
import os, sys
from planner import Message, Slide, UseError, open_planner

message = Message(slides=[Slide(text="Hello")], fallback_text="Hello")
with open_planner(sys.argv[1]) as p:
    p.plan(message, "15555550123")
    if (child := os.fork()) == 0:
        refused = 0
        for use in (lambda: p.plan(message, "15555550123"), lambda: p.receive([])):
            try:
                use()
            except UseError as error:
                refused += "fork" in str(error) and "open_planner" in str(error)
        os._exit(refused)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), p.plan(message, "15555550123").channel.value)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.slow
def test_a_planner_refuses_use_after_a_fork_in_the_child_alone(url, fresh_python):
    done = fresh_python("-c", FORKED, url)
    assert (done.stdout, done.stderr) == ("2 mms\n", "")


def test_the_library_is_loaded_when_it_is_asked_for():
    assert planner.open_planner is open_planner
