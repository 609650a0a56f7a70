"""Timings, each beside a peer in the same run: machines differ and are noisy, a ratio says more than seconds.

A row is a generator function in a module of this package. It sets the stage in an empty folder, yields one
`Pair`, and tidies up when it is resumed:

    @row("lookup", goal="at most 4 times its peer")
    def lookup(folder):
        '''A plan for a number in the cache, beside one raw query.'''
        connection = sqlite3.connect(folder / "cache.db")
        yield Pair(ours=plan_a_thousand, peer=query_a_thousand, count=1_000)
        connection.close()
"""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 15


@dataclass(frozen=True, slots=True)
class Pair:
    """Two things to time; each call does its work `count` times, and times are told per piece of work."""

    ours: Callable[[], object]
    peer: Callable[[], object]
    count: int = 1
    peer_count: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    goal: str
    rounds: int
    stage: Callable[[Path], Iterator[Pair]]


@dataclass(frozen=True, slots=True)
class Timing:
    """The seconds that one side of a pair took per piece of work, round by round."""

    seconds: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


ROWS: dict[str, Row] = {}


def row(name: str, *, goal: str, rounds: int = ROUNDS):
    """Registers a row. The goal is a sentence: the reader judges, no test does."""

    def register(stage: Callable[[Path], Iterator[Pair]]):
        assert name not in ROWS, f"two rows are called {name}"
        ROWS[name] = Row(name, goal, rounds, stage)
        return stage

    return register


def measure(pair: Pair, rounds: int, clock: Callable[[], float] = time.perf_counter) -> tuple[Timing, Timing]:
    """Times both sides in turn, so that a slow moment hits both; a first round only warms up."""
    ours, peer = Timing([]), Timing([])
    sides = [(pair.ours, pair.count, ours), (pair.peer, pair.peer_count or pair.count, peer)]
    for number in range(rounds + 1):
        for call, count, timing in sides:
            begin = clock()
            call()
            taken = clock() - begin
            if number:
                timing.seconds.append(taken / count)
    return ours, peer
