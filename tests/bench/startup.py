"""What it costs to start the command."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench import Pair, row

HELP = "import sys; sys.argv = ['planner', '--help']; from planner.cli import main; main()"


@row("help", goal="`planner --help` costs at most 0.35 s more than `python -c pass`")
def start(folder: Path) -> Iterator[Pair]:
    def python(code: str) -> None:
        subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, stdout=subprocess.DEVNULL)

    yield Pair(ours=lambda: python(HELP), peer=lambda: python("pass"))
