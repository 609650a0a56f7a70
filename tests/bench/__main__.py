"""`python -m tests.bench [ROW ...]` prints the minimum, median and maximum of each side, and their ratio."""

import importlib
import pkgutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from tests import bench

LINE = "{:<10} {:<5} {:>11} {:>11} {:>11}"
UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}


def spelt(seconds: float) -> str:
    for unit, size in UNITS.items():
        if seconds >= size:
            return f"{seconds / size:.2f} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def printed(row: bench.Row) -> None:
    with tempfile.TemporaryDirectory() as folder, contextmanager(row.stage)(Path(folder)) as pair:
        ours, peer = bench.measure(pair, row.rounds)
    for name, side, timing in ((row.name, "ours", ours), ("", "peer", peer)):
        figures = (min(timing.seconds), timing.median, max(timing.seconds))
        print(LINE.format(name, side, *map(spelt, figures)))
    ratio = ours.median / peer.median
    difference = ours.median - peer.median
    sign = "-" if difference < 0 else "+"
    print(f"{'':<10} ratio {ratio:.3g} ({1 / ratio:.3g} times as fast), {sign}{spelt(abs(difference))}")
    print(f"{'':<10} goal  {row.goal}; {row.rounds} rounds", flush=True)


def main(names: list[str]) -> int:
    for module in pkgutil.iter_modules(bench.__path__, f"{bench.__name__}."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
    unknown = [name for name in names if name not in bench.ROWS]
    if unknown:
        print(f"no row {', '.join(unknown)}; there are: {', '.join(bench.ROWS)}", file=sys.stderr)
        return 2
    print(LINE.format("row", "side", "min", "median", "max"))
    for name in names or bench.ROWS:
        printed(bench.ROWS[name])
    return 0


sys.exit(main(sys.argv[1:]))
