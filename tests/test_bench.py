"""The bench itself: it warms up, takes turns, and counts pieces of work."""

from tests import bench


def test_sides_take_turns_after_one_round_that_does_not_count():
    calls = []
    pair = bench.Pair(ours=lambda: calls.append("ours"), peer=lambda: calls.append("peer"))
    ours, peer = bench.measure(pair, rounds=2)
    assert calls == ["ours", "peer"] * 3
    assert len(ours.seconds) == len(peer.seconds) == 2


def test_times_are_told_per_piece_of_work():
    pair = bench.Pair(ours=list, peer=list, count=4, peer_count=2)
    ours, peer = bench.measure(pair, rounds=3, clock=iter(range(100)).__next__)
    assert (ours.median, peer.median) == (0.25, 0.5)


def test_unknown_row_is_refused_with_the_names_there_are(fresh_python):
    result = fresh_python("-m", "tests.bench", "no-such-row")
    assert result.returncode == 2
    assert "no row no-such-row; there are: " in result.stderr
    assert "help" in result.stderr


def test_row_prints_its_figures(fresh_python):
    program = (
        "import sys, runpy; from tests import bench\n"
        "bench.row('nothing', goal='the same', rounds=2)(lambda folder: iter([bench.Pair(list, list)]))\n"
        "sys.argv = ['tests.bench', 'nothing']; runpy.run_module('tests.bench', run_name='__main__')"
    )
    result = fresh_python("-c", program)
    assert result.returncode == 0, result.stderr
    for word in ("nothing", "ours", "peer", "median", "ratio", "the same; 2 rounds"):
        assert word in result.stdout
