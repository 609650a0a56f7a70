"""How well strings are identified (`python -m tests.bench.identify --corpus PATH`), and how fast.

PATH is a labelled file, a file of bare agents, or a folder of both. Counts brand, model and OS class against
the labels, per kind of string. Right, wrong and silent are kept apart, since a wrong answer harms and a
missing one does not. A model is right when its code or its shop name equals one of the labels after removing
case, blanks, punctuation and the maker's name. Of bare agents it counts those that are desktops by the
platform in their first bracket and yet state a class, which must be none. The timings use strings made here.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import ua_parser
import user_agents

from planner import identify
from planner.identify import strings
from tests.bench import Pair, row

SAME_BRAND = {"rim": "blackberry", "bkk": "bbk", "hewlettpackard": "hp", "leeco": "letv"}
"""Brands that the labels spell in several ways; we say the shop brand."""

DESKTOP = re.compile(r"[^(]*\([^)]*(?:Windows NT|Macintosh|X11)", re.IGNORECASE)
PHONE_SYSTEM = re.compile(r"maemo|windows phone|wpdesktop|symbian|tizen|meego", re.IGNORECASE)


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
    for corpus in _files(options.corpus):
        if not _is_labelled(corpus):
            _print_desktops(corpus)
            continue
        started = time.perf_counter()
        for kind, score in sorted(measure(corpus).items()):
            _print(corpus.name, kind, score)
            for miss in score.misses.get(options.misses, [])[: options.limit]:
                print("   ", *miss, sep=" | ")
        print(f"{corpus.name}: {time.perf_counter() - started:.2f} s")


def _files(paths: list[Path]) -> list[Path]:
    found = [sorted(path.glob("*.csv")) if path.is_dir() else [path] for path in paths]
    return [path for path in itertools.chain(*found) if _is_labelled(path) or "user_agents" in path.name]


def _is_labelled(corpus: Path) -> bool:
    with corpus.open(encoding="utf-8-sig", newline="") as lines:
        return "expected_brand" in next(csv.reader(lines), [])


def _print_desktops(corpus: Path) -> None:
    """Print how many agents are desktops by their platform word, and those of them that state a class."""
    agents = corpus.read_text(encoding="utf-8-sig").splitlines()
    desktops = [agent for agent in agents if DESKTOP.match(agent) and not PHONE_SYSTEM.search(agent)]
    wrong = [agent for agent in desktops if identify.identify(agent).os_family is not None]
    print(
        f"{corpus.name}: {len(agents)} agents, {len(desktops)} desktops, of them state a class: {len(wrong)}"
    )
    for agent in wrong[:20]:
        print("    |", agent[:200])


def _print(corpus: str, kind: str, score: Score) -> None:
    print(f"{corpus} {kind}: {score.rows} rows, wrongly other {score.wrong_other}")
    for what, counts in score.counts.items():
        total = counts.total()
        verdicts = ("right", "wrong", "silent")
        shares = "  ".join(f"{name} {counts[name]:5d} ({counts[name] / total:6.1%})" for name in verdicts)
        print(f"  {what:5s} {shares}  invented {score.invented[what]}")


# -- how fast: strings made here, each distinct, so that nothing is remembered -------------------------------

TIMED = 1_000
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Mobile Safari/537.36"
SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{}.{} Mobile/15E148 Safari/604.1"


def browser_agents(numbers: Iterable[int]) -> list[str]:
    """Agents as links are visited by them: two thirds phones, the rest desktops and unknown brands."""
    forms: list[Callable[[int], str]] = [
        lambda n: f"Mozilla/5.0 (Linux; Android {9 + n % 7}; SM-S{n:03d}B) {CHROME.format(90 + n % 50)}",
        lambda n: (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS {12 + n % 7}_{n} like Mac OS X) {SAFARI.format(17, n)}"
        ),
        lambda n: f"Mozilla/5.0 (Linux; Android 10; K) {CHROME.format(100 + n)}",
        lambda n: f"Mozilla/5.0 (Linux; Android 8.1; moto g({n}) Build/OPW27) {CHROME.format(70)}",
        lambda n: f"Mozilla/5.0 (Linux; Android 7.0; Nobody Q{n} Build/NRD90M) {CHROME.format(80)}",
        lambda n: f"Mozilla/5.0 (X11; NetBSD amd64; rv:{n}.0) Gecko/20100101 Firefox/{n}.0",
    ]
    return [forms[n % len(forms)](n) for n in numbers]


def mms_agents(numbers: Iterable[int]) -> list[str]:
    """Strings as receipts bring them: agents of messaging clients, handset names, addresses of profiles."""
    forms: list[Callable[[int], str]] = [
        lambda n: f"SAMSUNG-ANDROID-MMS/SM-G{n:03d}F",
        lambda n: f"LG-D{n:03d} LG-Android-MMS-V4.0/1.2",
        lambda n: f"motoxt{n}",
        lambda n: f"http://wap.samsungmobile.com/uaprof/SM-A{n:03d}F.xml",
        lambda n: f"Nokia{1000 + n}/2.0 (04.43) Profile/MIDP-2.0 Configuration/CLDC-1.1",
        lambda n: f"iPhoneOS/{4 + n % 14}.{n} (8C148)",
    ]
    return [forms[n % len(forms)](n) for n in numbers]


def worst_agents() -> list[str]:
    """Pairs of awkward pieces, repeated up to the greatest length that is looked at."""
    pieces = [
        "SAMSUNG-ANDROID-MMS/", "[ST", "%22", "1234567", "35-209900-1", "A0-000", "http://",
        "gsm.lge.com/", "-M1", "_GPRS", "Mozilla/5.0 (Linux; Android 10; ", "iPhone OS ", " Build/", ";",
        "lg", "bot", "\u200b", "Version/9",
    ]  # fmt: skip
    size = strings.LENGTH_MAX
    return [(first + second * size)[: size - 1] + "!" for first, second in itertools.product(pieces, pieces)]


def _fresh_numbers(count: int) -> Callable[[], Iterable[int]]:
    """Numbers never given before: the libraries remember strings, too."""
    numbers = itertools.count()
    return lambda: itertools.islice(numbers, count)


def _fresh() -> identify.Identifier:
    known = identify.default_identifier()
    return identify.Identifier(known.catalogue, known.rules)


def _all(agents: list[str]) -> None:
    phones = _fresh()
    for agent in agents:
        phones.identify(agent)


@row("identify-browser", goal="at least 20 times as fast as `user_agents.parse`")
def identify_browser(_folder: Path) -> Iterator[Pair]:
    """Distinct browser agents, beside `user_agents.parse` on others of the same forms."""
    count = TIMED // 10
    numbers = _fresh_numbers(count)
    yield Pair(
        ours=lambda: _all(browser_agents(numbers())),
        peer=lambda: [user_agents.parse(agent) for agent in browser_agents(numbers())],
        count=count,
    )


@row("identify-mms", goal="at least 4 times as fast as the Rust engine of ua-parser")
def identify_mms(_folder: Path) -> Iterator[Pair]:
    """Distinct strings of receipts, beside ua-parser on others of the same forms."""
    numbers = _fresh_numbers(TIMED)
    yield Pair(
        ours=lambda: _all(mms_agents(numbers())),
        peer=lambda: [ua_parser.parse(agent) for agent in mms_agents(numbers())],
        count=TIMED,
    )


@row("identify-seen", goal="at least 10 times as fast as distinct strings")
def identify_seen(_folder: Path) -> Iterator[Pair]:
    """One string again and again, beside the look-up in a dict that cannot be avoided."""
    phones, agent = identify.default_identifier(), mms_agents([0])[0]
    answers = {agent: phones.identify(agent)}
    yield Pair(
        ours=lambda: [phones.identify(agent) for _ in range(TIMED)],
        peer=lambda: [answers[agent] for _ in range(TIMED)],
        count=TIMED,
    )


@row("identify-worst", goal="5 ms at most for the worst string of 512 characters")
def identify_worst(_folder: Path) -> Iterator[Pair]:
    """The string that costs most among some hundred awkward ones, beside an ordinary agent."""

    def seconds(text: str) -> float:
        phones = _fresh()
        started = time.perf_counter()
        phones.identify(text)
        return time.perf_counter() - started

    worst = max(worst_agents(), key=lambda text: min(seconds(text) for _ in range(3)))
    print(f"worst of 512 characters: {worst[:60]!r}...")
    yield Pair(ours=lambda: _all([worst]), peer=lambda: _all(browser_agents([0])))


if __name__ == "__main__":
    main()
