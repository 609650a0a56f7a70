"""Several threads, several processes, and processes that are killed: nothing is lost or happens twice."""

import os
import random

import pytest

from planner.store import Store
from tests.store import receipt, state, take
from tests.store.test_stores import in_threads

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]

NUMBERS, STRINGS = 10, ("iPhoneOS", "SM-G900F", "Android-Mms/2.0", "motol7c")


def history(count: int) -> list[dict]:
    """Receipts about a few numbers, so that writers meet in the same rows."""
    dice = random.Random(count)
    return [
        receipt(
            str(15555550000 + dice.randrange(NUMBERS)),
            handset=dice.choice(STRINGS),
            operator_id=dice.choice(["31003", "310410"]),
            timestamp=dice.choice([None, f"2026-10-{dice.randint(1, 28):02}T00:00:00Z"]),
            tracking_id=f"T{n}",
        )
        for n in range(count)
    ]


def told_serially(documents: list[dict]) -> str:
    with Store("sqlite://") as store:
        take(store, *documents)
        return state(store)


def test_threads_that_write_the_same_numbers_lose_nothing(store, scale, figure):
    documents, threads = history(scale.rows // 10), 6

    def write(thread: int) -> None:
        mine = documents[thread % 3 :: 3] + documents[::10]
        random.Random(thread).shuffle(mine)
        for start in range(0, len(mine), 7):
            take(store, *mine[start : start + 7])

    in_threads(threads, write)
    assert state(store) == told_serially(documents)
    figure(f"store: {threads} threads wrote {len(documents)} receipts twice over, none was lost")


def test_processes_that_write_the_same_numbers_lose_nothing(url, fresh_python, scale, figure):
    script = """
import os, random, sys
from tests.store.test_concurrency import Store, history, state, take

url, count, processes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
documents = history(count)
children = []
for process in range(processes):
    if (child := os.fork()) == 0:
        random.Random(process).shuffle(documents)
        with Store(url) as store:  # the first of them makes the tables
            for start in range(0, count, 5):
                take(store, *documents[start : start + 5])
        os._exit(0)
    children.append(child)
codes = [os.waitpid(child, 0)[1] for child in children]
with Store(url, readonly=True) as store:
    print(codes, state(store), store.damage())
"""
    count, processes = min(scale.rows // 10, 2_000), 4
    done = fresh_python("-c", script, url, str(count), str(processes))
    assert done.stderr == ""
    assert done.stdout == f"{[0] * processes} {told_serially(history(count))} []\n"
    figure(f"store: {processes} processes wrote the same {count} receipts at once, none was lost")


KILLS = """
import os, random, signal, sys, time
from planner.msisdn import Msisdn
from planner.store import Store, views
from tests.store import hashes, receipt, take

url, rounds, broken = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "broken"
dice = random.Random(7)
Store(url).close()

def child(start, pipe):
    if broken:  # ledger and views in two transactions
        fold = views.fold_observations
        def fold_later(tx, rows):
            tx.exec_driver_sql("COMMIT")
            if rows[0]["number"] % 10 == 3:  # a kill at the worst moment
                os.kill(os.getpid(), signal.SIGKILL)
            tx.exec_driver_sql("BEGIN IMMEDIATE")
            fold(tx, rows)
        views.fold_observations = fold_later
    store = Store(url)
    for n in range(start, start + 100_000):
        take(store, receipt(str(15555000000 + n), handset=f"phone {n % 50}", tracking_id=f"T{n}"))
        os.write(pipe, f"{n}\\n".encode())

kept, lost, torn, killed = 0, 0, 0, 0
for round in range(rounds):
    out, pipe = os.pipe()
    start = round * 100_000
    if (pid := os.fork()) == 0:
        os.close(out)
        child(start, pipe)
        os._exit(0)
    os.close(pipe)
    with os.fdopen(out) as told:
        acknowledged = [told.readline()]  # it is at work
        if not broken:
            time.sleep(dice.uniform(0, 0.05))
            os.kill(pid, signal.SIGKILL)
        acknowledged += told.readlines()
    killed += os.waitpid(pid, 0)[1] == signal.SIGKILL
    numbers = [int(line) for line in acknowledged if line.endswith("\\n")]
    with Store(url) as store:
        view, ledger = hashes(store)
        torn += view != ledger or store.damage() != []
        lost += sum(not store.handset(Msisdn(str(15555000000 + n))).evidence for n in numbers)
    kept += len(numbers)
with Store(url) as store, store.transaction() as tx:
    events = views.counts(tx)["events"]
print(killed, lost, torn, int(kept <= events <= kept + rounds), kept)
"""


def kills(fresh_python, url: str, rounds: int, build: str = "") -> list[int]:
    """Kill a process that receives, again and again; how many kills, rows lost, databases torn, the rest."""
    done = fresh_python("-c", KILLS, url, str(rounds), build)
    assert done.stderr == ""
    return [int(word) for word in done.stdout.split()]


def test_a_kill_in_the_middle_of_receiving_loses_nothing_and_leaves_the_views_in_order(
    url, fresh_python, scale, figure
):
    total, kept = 0, 0
    while total < scale.rounds * 4:
        rounds = min(scale.rounds * 4 - total, 100)
        killed, lost, torn, counted, acknowledged = kills(fresh_python, f"{url}-{total}", rounds)
        assert (killed, lost, torn, counted) == (rounds, 0, 0, 1)
        total, kept = total + killed, kept + acknowledged
    figure(f"store: {total} kills while receiving, {kept} receipts acknowledged, 0 lost, 0 databases torn")


def test_a_ledger_and_views_written_apart_would_be_torn_by_a_kill(url, fresh_python):
    killed, _, torn, *_ = kills(fresh_python, url, 2, "broken")
    assert (killed, torn) == (2, 2)
