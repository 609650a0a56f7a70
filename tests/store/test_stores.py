import gc
import os
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from planner import errors
from planner.msisdn import Msisdn
from planner.store import Store, engines, ledgers, stores, views
from tests.store import NUMBER, receipt, state, take

OPEN_FILES = Path("/proc/self/fd")


def open_files(path: Path) -> int:
    """How many file descriptors of this process point at a database and its log."""
    targets = []
    for descriptor in OPEN_FILES.iterdir():
        try:
            targets.append(str(descriptor.readlink()))
        except FileNotFoundError:
            continue
    return sum(target.startswith(str(path)) for target in targets)


def in_threads(count: int, work) -> list:
    """Run the same work in threads that all begin together; an error in one is raised here."""
    barrier, results, failures = threading.Barrier(count), [], []

    def run(n: int) -> None:
        barrier.wait()
        try:
            results.append(work(n))
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread of the test
            failures.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return results


# Transactions.


def test_an_error_in_the_middle_of_a_transaction_leaves_nothing(store):
    def fail_halfway():
        with store.transaction() as tx:
            ledgers.intern(tx, ["halfway"])
            views.rebuild(tx)
            tx.execute(views.SENDS.delete())
            raise RuntimeError("halfway")

    take(store, receipt())
    before = state(store)
    with pytest.raises(RuntimeError, match="halfway"):
        fail_halfway()
    assert state(store) == before
    with store.transaction() as tx:
        assert views.counts(tx)["strings"] == 1


# Looking one number up.


def test_an_unknown_number_is_a_handset_without_evidence(store):
    assert store.handset(Msisdn("15555559999")).evidence == ()


def test_a_number_is_found_as_the_listing_shows_it(store):
    take(store, receipt(), receipt(handset="SM-G900F", timestamp=None), receipt(handset="é😀"))
    (listed,) = store.handsets()
    assert store.handset(Msisdn(NUMBER)) == listed
    assert [o.string for o in listed.evidence] == ["SM-G900F", "iPhoneOS", "é😀"]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE handsets SET source = 9",
        "UPDATE handsets SET observed_at = 'yesterday'",
        "UPDATE handsets SET observed_at = 9000000000000000000",
        "DELETE FROM strings",
    ],
)
def test_a_row_that_cannot_be_read_is_told_with_what_to_do(store, damage):
    take(store, receipt())
    with store.transaction() as tx:
        tx.exec_driver_sql(damage)
    with pytest.raises(errors.ConfigurationError, match="cannot be read") as caught:
        store.handset(Msisdn(NUMBER))
    assert "planner db rebuild" in caught.value.hint


def test_of_a_number_with_thousands_of_strings_the_newest_are_given(store, monkeypatch):
    monkeypatch.setattr(stores, "EVIDENCE_MAX", 3)
    times = [f"2026-10-{day:02}T00:00:00Z" for day in (9, 2, 7, 4, 8)]
    take(store, *(receipt(handset=time[:10], timestamp=time) for time in times))
    assert [o.string for o in store.handset(Msisdn(NUMBER)).evidence] == [
        "2026-10-07",
        "2026-10-08",
        "2026-10-09",
    ]


def test_a_string_is_remembered_but_not_without_end(store, monkeypatch):
    monkeypatch.setattr(stores, "STRINGS_CACHED_MAX", 2)
    take(store, *(receipt(str(15555550000 + n), handset=f"phone {n}") for n in range(5)))
    for _ in range(2):
        for n in range(5):
            (seen,) = store.handset(Msisdn(str(15555550000 + n))).evidence
            assert seen.string == f"phone {n}"
    assert len(store._strings) <= 2


# A lock.


@pytest.fixture
def locked(store):
    """A database that another process keeps for itself alone, so that not even readers come in."""
    take(store, receipt())
    with closing(sqlite3.connect(store.url[10:], isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        yield store
        other.execute("ROLLBACK")


def test_a_locked_database_is_told_within_the_time_that_was_given(locked):
    for timeout_ms in (20, 0, -5, 20):
        began = time.monotonic()
        with pytest.raises(errors.UnavailableError) as caught:
            locked.handset(Msisdn(NUMBER), timeout_ms=timeout_ms)
        assert time.monotonic() - began < 2.5
        assert caught.value.hint


def test_the_time_that_was_given_holds_for_the_first_look_of_a_thread_and_for_later_ones(locked):
    def look(_n: int) -> float:
        began = time.monotonic()
        for _ in range(2):
            with pytest.raises(errors.UnavailableError):
                locked.handset(Msisdn(NUMBER), timeout_ms=30)
        return time.monotonic() - began

    assert max(in_threads(3, look)) < engines.BUSY_TIMEOUT_MS / 1000 / 2


def test_a_database_in_memory_that_another_thread_uses_is_told_within_the_time_that_was_given():
    def look(_n: int) -> None:
        with pytest.raises(errors.UnavailableError) as caught:
            store.handset(Msisdn(NUMBER), timeout_ms=20)
        assert caught.value.hint

    with Store("sqlite://") as store:
        take(store, receipt())
        with store.transaction():
            in_threads(1, look)
        assert store.handset(Msisdn(NUMBER), timeout_ms=20).evidence


# In memory.


def test_a_database_in_memory_works_from_several_threads(scale):
    count, threads = min(scale.rows // 40, 500), 4

    def work(thread: int) -> None:
        for n in range(count):
            take(store, receipt(str(15555000000 + n), tracking_id=f"{thread}-{n}", handset=f"phone {thread}"))
            assert store.handset(Msisdn(str(15555000000 + n))).evidence
            if n % 10 == 0:
                assert list(store.handsets(limit=3))

    with Store("sqlite://") as store, Store("sqlite:///:memory:") as alone:
        in_threads(threads, work)
        for thread in range(threads):
            for n in range(count):
                fields = {"tracking_id": f"{thread}-{n}", "handset": f"phone {thread}"}
                take(alone, receipt(str(15555000000 + n), **fields))
        assert state(store) == state(alone)


def test_two_databases_in_memory_know_nothing_of_each_other():
    with Store("sqlite://") as one, Store("sqlite://") as other:
        take(one, receipt())
        assert one.handset(Msisdn(NUMBER)).evidence
        assert not other.handset(Msisdn(NUMBER)).evidence


# Closing, threads and forks.


def test_a_closed_store_refuses_every_use(store):
    take(store, receipt())
    store.close()
    store.close()
    uses = [
        lambda: store.handset(Msisdn(NUMBER)),
        lambda: next(store.handsets()),
        lambda: take(store, receipt()),
        store.damage,
        store.require_usable,
    ]
    for use in uses:
        with pytest.raises(errors.UseError, match="closed"):
            use()


@pytest.mark.skipif(not OPEN_FILES.exists(), reason="needs /proc")
def test_closing_lets_go_of_every_file(path, store):
    take(store, receipt())
    in_threads(4, lambda _n: store.handset(Msisdn(NUMBER)))
    store.handset(Msisdn(NUMBER))
    assert open_files(path) > 0
    store.close()
    assert open_files(path) == 0
    assert [file.name for file in path.parent.iterdir()] == ["planner.db"]


@pytest.mark.skipif(not OPEN_FILES.exists(), reason="needs /proc")
def test_threads_that_end_leave_no_file_open(path, store):
    take(store, receipt())
    store.handset(Msisdn(NUMBER))
    before, threads = open_files(path), 8
    for _ in range(10):
        in_threads(threads, lambda _n: store.handset(Msisdn(NUMBER)))
    gc.collect()
    # SQLite itself keeps a few descriptors for the next one who opens the file, as long as somebody reads.
    assert open_files(path) <= before + threads


def test_closing_waits_for_who_looks_up_and_refuses_who_comes_next(store):
    take(store, receipt())
    ready, go = threading.Event(), threading.Event()

    def look(n: int) -> str:
        if n == 0:
            ready.wait(5)
            (reader,) = store._readers
            with reader.lock:  # the other thread is about to look up, and waits here
                go.set()
                time.sleep(0.05)
                store.close()
            return "closed"
        store.handset(Msisdn(NUMBER))
        ready.set()
        go.wait(5)
        with pytest.raises(errors.UseError) as caught:
            store.handset(Msisdn(NUMBER))
        return caught.value.problem

    assert sorted(in_threads(2, look)) == ["closed", "this planner is closed"]


def test_closing_in_the_middle_of_many_lookups_ends_them_all(url):
    for _ in range(5):
        store = Store(url)
        take(store, receipt())

        def look(n: int, store=store) -> str:
            try:
                while n > 0:
                    store.handset(Msisdn(NUMBER))
            except errors.PlannerError as error:
                return type(error).__name__
            time.sleep(0.01)
            store.close()
            return "closed"

        assert sorted(in_threads(4, look)) == ["UseError", "UseError", "UseError", "closed"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_is_refused_and_harms_nothing(url, fresh_python):
    script = """
import os, sys
from planner import errors
from planner.store import Store
from tests.store import receipt, state, take

def refused(use):
    try:
        use()
    except errors.UseError as error:
        return "after a fork" in str(error) and "open_planner" in error.hint
    return False

store = Store(sys.argv[1])
take(store, receipt())
store.handset("15555550123")
if (child := os.fork()) == 0:
    uses = [
        lambda: store.handset("15555550123"), lambda: list(store.handsets()), lambda: take(store, receipt()),
        store.damage,
    ]
    good = [refused(use) for use in uses]
    store.close()  # as a `with` block at its end would
    with Store(sys.argv[1]) as own:  # a planner of its own is what a child needs
        take(own, receipt("15555550124"))
    os._exit(0 if all(good) else 1)
print(os.waitpid(child, 0)[1], len(list(store.handsets())), bool(store.handset("15555550124").evidence))
take(store, receipt("15555550125"))
state(store)
store.close()
"""
    done = fresh_python("-c", script, url)
    assert (done.stdout, done.stderr) == ("0 2 True\n", "")


# Backups and damage.


def test_a_backup_is_a_database_of_its_own_with_the_same_state(store, tmp_path):
    take(store, receipt(), receipt("15555550124", timestamp=None))
    copy = tmp_path / "backup.db"
    store.backup(copy)
    with Store(f"sqlite:///{copy}") as other:
        assert state(other) == state(store)
        take(other, receipt("15555550125"))
        assert state(other) != state(store)


def test_a_backup_never_replaces_a_file(store, tmp_path):
    copy = tmp_path / "backup.db"
    copy.write_text("kept")
    with pytest.raises(errors.InputError) as caught:
        store.backup(copy)
    assert caught.value.hint
    assert copy.read_text() == "kept"


def test_a_backup_that_cannot_be_written_is_told_and_leaves_nothing(store, tmp_path):
    (tmp_path / "file").write_text("kept")
    for place in (tmp_path / "missing" / "backup.db", tmp_path / "file" / "backup.db"):
        with pytest.raises(errors.ConfigurationError) as caught:
            store.backup(place)
        assert caught.value.hint
        assert caught.value.where == str(place)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "file"]


def test_a_backup_replaces_what_an_interrupted_one_left(store, tmp_path):
    take(store, receipt())
    (tmp_path / "backup.db.partial").write_bytes(b"half a backup" * 1_000)
    store.backup(tmp_path / "backup.db")
    with Store(f"sqlite:///{tmp_path}/backup.db", readonly=True) as other:
        assert state(other) == state(store)
    assert not (tmp_path / "backup.db.partial").exists()


def test_a_database_in_memory_can_be_backed_up(tmp_path):
    with Store("sqlite://") as store:
        take(store, receipt())
        store.backup(tmp_path / "backup.db")
        with Store(f"sqlite:///{tmp_path}/backup.db") as other:
            assert state(other) == state(store)


def test_a_sound_file_has_no_damage_and_a_broken_one_has(path, url):
    with Store(url) as store:
        take(store, *(receipt(str(15555550000 + n), handset=f"phone {n}") for n in range(300)))
        assert store.damage() == []
    content = bytearray(path.read_bytes())
    for page in range(4096 * 3, len(content), 4096):
        content[page + 100 : page + 300] = bytes(200)
    path.write_bytes(content)
    with Store(url, readonly=True) as store:
        try:
            damage = store.damage()
        except errors.ConfigurationError as error:
            damage = [error.problem]
        assert damage
