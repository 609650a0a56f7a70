import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from planner import errors
from planner.store import Store, engines
from tests.store import receipt, state, take


def listing(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


# Addresses.


@pytest.mark.parametrize(
    "url",
    [
        "",
        "planner.db",
        "/var/lib/planner.db",
        "postgresql://localhost/planner",
        "sqlite+aiosqlite:///planner.db",
        "sqlite://planner.db",
        "sqlite:///planner.db?mode=ro",
        "nonsense:///planner.db",
        "sqlite:///\x00",
    ],
)
def test_an_address_that_is_none_is_refused_with_a_hint(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(errors.ConfigurationError) as caught:
        Store(url)
    assert caught.value.hint
    assert listing(tmp_path) == {}


@pytest.mark.parametrize("name", ["a b.db", "a%20b.db", "a?mode=memory.db", "a#b.db", "é😀.db", "a'b\".db"])
def test_a_path_may_hold_any_letters(path, name):
    odd = path.with_name(name)
    url = f"sqlite:///{quote(str(odd))}"
    with Store(url) as store:
        take(store, receipt())
        written = state(store)
    assert list(listing(path.parent)) == [name]
    with Store(url, readonly=True) as store:
        assert state(store) == written
        assert store.handset("15555550123").evidence


def test_a_relative_address_stays_where_it_was_when_the_program_goes_elsewhere(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with Store("sqlite:///planner.db") as store:
        monkeypatch.chdir(tmp_path / "there")
        take(store, receipt())
        assert store.handset("15555550123").evidence
    assert listing(tmp_path / "there") == {}


# Files that cannot be used.


@pytest.mark.parametrize(
    "below", ["missing/planner.db", "file/planner.db", "file/deeper/planner.db", "folder"]
)
def test_a_place_where_no_database_can_be_is_refused_and_left_alone(below, tmp_path):
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder").mkdir()
    with pytest.raises(errors.ConfigurationError) as caught:
        Store(f"sqlite:///{tmp_path / below}")
    assert caught.value.exit_code == 3
    assert caught.value.hint == "check that the folder exists and may be written"
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["file", "folder"]
    assert listing(tmp_path) == {"file": b"kept"}


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that not even root can write to")
def test_a_folder_that_may_not_be_written_is_refused():
    with pytest.raises(errors.ConfigurationError) as caught:
        Store("sqlite:////proc/planner.db")
    assert caught.value.hint


@pytest.mark.parametrize(
    "content", [b"this is a letter, not a database. " * 40, b"SQLite format 3\x00" + bytes(5_000)]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(path, url, content):
    path.write_bytes(content)
    for readonly in (False, True):
        with pytest.raises(errors.ConfigurationError) as caught:
            Store(url, readonly=readonly)
        assert caught.value.hint
    assert listing(path.parent) == {"planner.db": content}


def test_a_database_of_a_newer_program_is_refused_and_left_alone(path, url):
    Store(url).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = listing(path.parent)
    with pytest.raises(errors.ConfigurationError, match="newer than this program") as caught:
        Store(url)
    assert caught.value.hint == "install a newer mms-planner"
    assert listing(path.parent) == before
    with pytest.raises(errors.ConfigurationError, match="newer than this program"):
        Store(url, readonly=True)
    assert path.read_bytes() == before["planner.db"]


def test_a_database_of_another_program_is_refused_and_left_alone(path, url):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE events (id INTEGER)")
    before = listing(path.parent)
    with pytest.raises(errors.ConfigurationError) as caught:
        Store(url)
    assert caught.value.hint == "choose another path"
    assert listing(path.parent) == before
    with pytest.raises(errors.ConfigurationError):
        Store(url, readonly=True)
    assert path.read_bytes() == before["planner.db"]


def test_an_empty_file_becomes_a_database(path, url):
    path.touch()
    with Store(url) as store:
        take(store, receipt())


def test_a_disk_that_is_full_is_a_reason_to_try_again(store):
    def fill():
        with store.transaction() as tx:
            pages = tx.exec_driver_sql("PRAGMA page_count").scalar()
            tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            tx.exec_driver_sql("INSERT INTO strings (text) VALUES (printf('%.100000c', 'x'))")

    take(store, receipt())
    before = state(store)
    with pytest.raises(errors.UnavailableError) as caught:
        fill()
    assert caught.value.hint == "free some space on the disk and try again"
    assert state(store) == before


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("database is locked", errors.UnavailableError),
        ("database or disk is full", errors.UnavailableError),
        ("disk I/O error", errors.UnavailableError),
        ("attempt to write a readonly database", errors.ConfigurationError),
        ("database disk image is malformed", errors.ConfigurationError),
        ("no such table: handsets", errors.ConfigurationError),
        ("something new", errors.ConfigurationError),
    ],
)
def test_every_error_of_a_database_has_a_hint_in_our_words(said, kind):
    found = engines.translated(said, "sqlite:///x.db")
    assert type(found) is kind
    assert said in str(found)
    assert found.hint


# Reading only.


def test_reading_only_needs_a_file_that_is_there(path, url):
    with pytest.raises(errors.ConfigurationError) as caught:
        Store(url, readonly=True)
    assert caught.value.hint == "open it for writing once"
    assert listing(path.parent) == {}


def test_reading_only_needs_current_tables(path, url):
    path.touch()
    with pytest.raises(errors.ConfigurationError) as caught:
        Store(url, readonly=True)
    assert caught.value.hint == "run `planner db upgrade`"
    assert listing(path.parent)["planner.db"] == b""


def test_reading_only_refuses_to_write_and_reads(url):
    with Store(url) as store:
        take(store, receipt())
        written = state(store)
    with Store(url, readonly=True) as store:
        with pytest.raises(errors.UseError) as caught:
            take(store, receipt("15555550199"))
        assert caught.value.hint == "open it without readonly=True"
        assert state(store) == written
        assert [o.string for o in store.handset("15555550123").evidence] == ["iPhoneOS"]
        assert [handset.number for handset in store.handsets()] == ["15555550123"]
        assert store.damage() == []


# How a file is opened.


def test_every_commit_is_synced_and_goes_to_the_write_ahead_log(store):
    with store.transaction() as tx:
        assert tx.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert tx.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_a_place_without_a_write_ahead_log_is_refused(monkeypatch):
    class Deaf(sqlite3.Connection):
        """A database that answers `delete` when it is asked for the log, as on a network disk."""

        def execute(self, sql, *rest):
            return super().execute("SELECT 'delete'" if "journal_mode" in sql else sql, *rest)

    connection = sqlite3.connect(":memory:", factory=Deaf)
    with closing(connection), pytest.raises(errors.ConfigurationError) as caught:
        engines._prepare(connection, None)
    assert caught.value.hint == "put the database on a local disk"


def test_while_somebody_writes_a_writer_is_told_to_try_again(url, monkeypatch):
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 50)
    with Store(url) as store, closing(sqlite3.connect(store.url[10:], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(errors.UnavailableError) as caught:
            take(store, receipt())
        assert time.monotonic() - began < 2
        assert caught.value.exit_code == 7
        assert caught.value.hint
        other.execute("ROLLBACK")
        assert take(store, receipt()).taught == 1


def test_while_somebody_writes_a_current_database_opens_and_reads_at_once(url):
    with Store(url) as store:
        take(store, receipt())
    with closing(sqlite3.connect(url[10:], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with Store(url) as store:
            assert store.handset("15555550123").evidence
            assert len(list(store.handsets())) == 1
        assert time.monotonic() - began < engines.BUSY_TIMEOUT_MS / 1000 / 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.slow
def test_many_processes_may_open_a_new_database_at_once(path, fresh_python, figure):
    rounds, processes = 4, 8
    script = f"""
import os, sys
import alembic.command, alembic.config, planner.store
from planner.store import Store
failed = 0
for n in range({rounds}):
    children = []
    ready, go = os.pipe()
    for _ in range({processes}):
        if (child := os.fork()) == 0:
            os.close(go)
            os.read(ready, 1)
            try:
                Store(f"sqlite:///{{sys.argv[1]}}-{{n}}").close()
            except BaseException as error:
                print(error, file=sys.stderr)
                os._exit(1)
            os._exit(0)
        children.append(child)
    os.close(ready)
    os.close(go)  # all of them start now
    failed += sum(os.waitpid(child, 0)[1] != 0 for child in children)
print(failed)
"""
    done = fresh_python("-c", script, str(path))
    assert (done.stdout, done.stderr) == ("0\n", "")
    figure(f"store: {rounds * processes} processes opened {rounds} new databases at once, none was refused")
