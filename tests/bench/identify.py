"""How well strings are identified: `python -m tests.bench.identify --corpus PATH`.

Counts brand, model and OS class against the labels of a corpus, per kind of string. Right, wrong and silent
are kept apart, since a wrong answer harms and a missing one does not. A model is right when its code or
its shop name equals one of the labels after removing case, blanks, punctuation and the maker's name.
"""

from __future__ import annotations

import argparse
import csv
import re
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from planner import identify

SAME_BRAND = {"rim": "blackberry", "bkk": "bbk", "hewlettpackard": "hp", "leeco": "letv"}
"""Brands that the labels spell in several ways; we say the shop brand."""


@dataclass
class Score:
    """Answers about one kind of string; `wrong_other` counts iOS and Android phones called `other`."""

    rows: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    invented: Counter[str] = field(default_factory=Counter)
    wrong_other: int = 0
    misses: dict[str, list[tuple[str, str, str]]] = field(default_factory=lambda: defaultdict(list))


def measure(corpus: Path) -> dict[str, Score]:
    """Score every labelled row of a corpus by its kind; files without kinds hold UAProf URLs."""
    scores: dict[str, Score] = defaultdict(Score)
    with corpus.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            _score(row, scores[row.get("kind") or "uaprof-url"])
    return dict(scores)


def _score(row: dict[str, str], score: Score) -> None:
    answer = identify.identify(row["string"])
    score.rows += 1
    _count(score, "os", row, row["expected_os_family"], (answer.os_family,))
    _count(score, "brand", row, row["expected_brand"], (answer.brand,))
    names = (answer.model, answer.marketing_name)
    _count(score, "model", row, row["expected_model"], names, row["expected_brand"])
    if row["expected_os_family"] in {"ios", "android"} and answer.os_family == "other":
        score.wrong_other += 1
        score.misses["wrong_other"].append((row["string"], row["expected_model"], answer.reason))


def _count(
    score: Score, what: str, row: dict[str, str], label: str, answers: tuple[str | None, ...], brand: str = ""
) -> None:
    given = [answer for answer in answers if answer]
    if not label.strip("|"):
        score.invented[what] += bool(given)
        return
    right = {_plain(part, brand) for part in label.split("|") if part}
    verdict = (
        "silent" if not given else "right" if right & {_plain(part, brand) for part in given} else "wrong"
    )
    score.counts[what][verdict] += 1
    if verdict != "right":
        score.misses[f"{what} {verdict}"].append((row["string"], label, " / ".join(given)))


def _plain(text: str, brand: str) -> str:
    plain = re.sub(r"[^a-z0-9]", "", text.lower())
    for maker in (brand, *brand.split("|"), "samsung", "lg", "htc"):
        prefix = re.sub(r"[^a-z0-9]", "", maker.lower())
        if prefix and plain.startswith(prefix) and plain != prefix:
            plain = plain[len(prefix) :]
    return SAME_BRAND.get(plain, plain)


def main() -> None:
    """Print the scores, and with `--misses WHAT` the strings behind one of them."""
    parser = argparse.ArgumentParser(description="Measure identification against a labelled corpus.")
    parser.add_argument("--corpus", type=Path, required=True, action="append")
    parser.add_argument("--misses", metavar="WHAT", help="such as 'model wrong', 'os silent', 'wrong_other'")
    parser.add_argument("--limit", type=int, default=100)
    options = parser.parse_args()
    for corpus in options.corpus:
        started = time.perf_counter()
        for kind, score in sorted(measure(corpus).items()):
            _print(corpus.name, kind, score)
            for miss in score.misses.get(options.misses, [])[: options.limit]:
                print("   ", *miss, sep=" | ")
        print(f"{corpus.name}: {time.perf_counter() - started:.2f} s")


def _print(corpus: str, kind: str, score: Score) -> None:
    print(f"{corpus} {kind}: {score.rows} rows, wrongly other {score.wrong_other}")
    for what, counts in score.counts.items():
        total = counts.total()
        verdicts = ("right", "wrong", "silent")
        shares = "  ".join(f"{name} {counts[name]:5d} ({counts[name] / total:6.1%})" for name in verdicts)
        print(f"  {what:5s} {shares}  invented {score.invented[what]}")


if __name__ == "__main__":
    main()
