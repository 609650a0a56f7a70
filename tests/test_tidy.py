"""Housekeeping: lengths, names, stray prints and notes, reasons for exemptions, nothing of this machine.

Each check is a function from text to faults, so that the tests at the end can show it failing.
"""

import ast
import io
import re
import statistics
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import sources

FUNCTION_LINES_MAX = 70
MODULE_LINES_MAX = 600
README_LINES_MAX = 120
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc"}
FORBIDDEN_FILES = {"uv.lock", "package-lock.json", "poetry.lock", "Pipfile.lock"}
LOCKS = ("requirements.txt", "requirements-dev.txt")

NOTE = re.compile(r"\b([T]ODO|[F]IXME)\b")  # in brackets, so that this line is not one
REGISTRY = re.compile(r"pypi\.org|files\.pythonhosted\.org|registry\.npmjs")
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(work|root|home/\w+)/")
EXEMPTION = re.compile(r"#\s*(noqa|type:\s*ignore)", re.IGNORECASE)
REASONED = re.compile(
    r"#\s*(noqa:\s*[A-Z]+\d++([,\s]+[A-Z]+\d++)*+|type:\s*ignore\[[\w, -]+\])"  # what is exempted
    r"(?=[\s#(:])[^\w]+[^#]*[a-zA-Z]{2}"  # why
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def length(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def functions(tree: ast.AST) -> list[Function]:
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def long_functions(source: str) -> list[str]:
    found = [node for node in functions(ast.parse(source)) if length(node) > FUNCTION_LINES_MAX]
    return [f"line {node.lineno}: {node.name} has {length(node)} lines" for node in found]


def undocumented(source: str) -> list[str]:
    """The public things without a docstring: the module, its classes and functions, and their methods."""

    def walk(node: ast.AST, name: str) -> Iterator[str]:
        if ast.get_docstring(node) is None:
            yield name
        for child in ast.iter_child_nodes(node) if not isinstance(node, Function) else ():
            if isinstance(child, Function | ast.ClassDef) and not child.name.startswith("_"):
                yield from walk(child, f"line {child.lineno}: {child.name}")

    return list(walk(ast.parse(source), "the module"))


def prints(source: str) -> list[str]:
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [
        f"line {call.lineno}" for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"
    ]


def comments(source: str) -> list[tuple[int, str]]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]


def unexplained_exemptions(source: str) -> list[str]:
    return [
        f"line {line}: {comment}"
        for line, comment in comments(source)
        if len(EXEMPTION.findall(comment)) > len(REASONED.findall(comment))
    ]


def matches(pattern: re.Pattern[str], text: str) -> list[str]:
    lines = enumerate(text.splitlines(), 1)
    return [f"line {number}: {match[0]}" for number, line in lines for match in pattern.finditer(line)]


def badly_named(path: str) -> bool:
    return Path(path).name in FORBIDDEN_FILES or any(
        part.partition(".")[0].lower() in FORBIDDEN_NAMES for part in Path(path).parts
    )


def changelog_faults(text: str, version: str) -> list[str]:
    sections = re.findall(r"^## \[?([\w.]+)\]?", text, re.MULTILINE)
    if not sections or sections[0] not in ("Unreleased", version):
        return [f"expected the first section to be Unreleased or {version}, got {sections[:1]}"]
    return []


def unpinned(requirements: list[str], lock: str) -> list[str]:
    """The requirements that a lock file does not pin; with a hash for each that it does."""
    pinned = set(re.findall(r"^([a-z0-9-]+)==\S+.*\\\n\s+--hash=sha256:", lock, re.MULTILINE))
    names = [re.match(r"[\w-]+", requirement)[0].lower().replace("_", "-") for requirement in requirements]
    return [name for name in names if name not in pinned]


def faults_by_file(check, paths) -> dict[str, list[str]]:
    found = {sources.shown(path): check(path.read_text(encoding="utf-8")) for path in paths}
    return {path: faults for path, faults in found.items() if faults}


def text_files() -> list[Path]:
    return [path for path in sources.files() if b"\0" not in path.read_bytes()[:8192]]


def test_functions_are_short(figure):
    lengths = [
        length(node)
        for path in sources.python_files("planner")
        for node in functions(ast.parse(path.read_text(encoding="utf-8")))
    ]
    figure(
        f"tidy: {len(lengths)} functions in planner/, median {statistics.median(lengths):.0f} lines "
        f"(aim 10), longest {max(lengths)} (limit {FUNCTION_LINES_MAX})"
    )
    assert faults_by_file(long_functions, sources.python_files("planner", "tests")) == {}


def test_modules_are_short(figure):
    lines = {
        sources.shown(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in sources.python_files("planner", "tests")
    }
    product = [count for path, count in lines.items() if path.startswith("planner/")]
    figure(
        f"tidy: {len(product)} modules and {sum(product):,} lines in planner/, longest {max(product)} "
        f"(aim 400, limit {MODULE_LINES_MAX})"
    )
    assert {path: count for path, count in lines.items() if count > MODULE_LINES_MAX} == {}


def test_names_say_what_is_inside():
    assert [name for name in map(sources.shown, sources.files()) if badly_named(name)] == []


def test_only_the_command_line_prints():
    paths = [
        path for path in sources.python_files("planner") if "cli" not in path.relative_to(sources.ROOT).parts
    ]
    assert faults_by_file(prints, paths) == {}


def test_nothing_is_left_unfinished():
    found = faults_by_file(lambda text: matches(NOTE, text), text_files())
    assert {path: faults for path, faults in found.items() if not path.startswith("data/")} == {}


def test_exemptions_have_reasons():
    assert faults_by_file(unexplained_exemptions, sources.python_files("planner", "tests")) == {}


def test_public_things_are_documented():
    assert faults_by_file(undocumented, sources.python_files("planner")) == {}


def test_readme_is_short():
    readme = sources.ROOT / "README.md"
    assert len(readme.read_text(encoding="utf-8").splitlines()) <= README_LINES_MAX


def test_no_file_names_a_package_registry():
    assert faults_by_file(lambda text: matches(REGISTRY, text), text_files()) == {}


def test_no_file_names_a_place_on_this_machine():
    assert faults_by_file(lambda text: matches(MACHINE_PATH, text), text_files()) == {}


def test_changelog_begins_with_what_is_new():
    text = (sources.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert changelog_faults(text, sources.PYPROJECT["project"]["version"]) == []


def test_lock_files_pin_what_the_project_asks_for():
    project = sources.PYPROJECT["project"]
    runtime, development = ((sources.ROOT / name).read_text(encoding="utf-8") for name in LOCKS)
    extras = project["optional-dependencies"]
    optional = [name for extra in extras if extra != "all" for name in extras[extra]]
    assert unpinned(project["dependencies"], runtime) == []
    wanted = [*project["dependencies"], *optional, *sources.PYPROJECT["dependency-groups"]["dev"]]
    assert unpinned(wanted, development) == []


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (long_functions, "def f():\n" + "    g()\n" * 69, "def f():\n" + "    g()\n" * 70),
        (long_functions, "class C:\n" + "    x = 1\n" * 90, "async def f():\n" + "    g()\n" * 70),
        (undocumented, '"""Doc."""\ndef _f(): ...', "x = 1"),
        (undocumented, '"""Doc."""\ndef f():\n  "Doc."\n  def g(): ...', '"""Doc."""\ndef f(): ...'),
        (
            undocumented,
            '"""Doc."""\nclass _C:\n  def f(): ...',
            '"""Doc."""\nclass C:\n  "Doc."\n  def f(self): ...',
        ),
        (prints, "'print(1)'", "print(1)"),
        (unexplained_exemptions, "x = 1  # noqa: S608 - a constant", "x = 1  # noqa: S608"),
        (unexplained_exemptions, "x = '# noqa'", "x = 1  # noqa"),
        (unexplained_exemptions, "x = 1  # noqa: S608 — `t` is ours", "x = 1  # noqa: S608 E501"),
        (unexplained_exemptions, "x = 1  # noqa: S608, E501 the URL is long", "x = 1  # noqa: S608, E501"),
        (
            unexplained_exemptions,
            "x = 1  # type: ignore[arg-type]  # no stubs",
            "x = 1  # type: ignore[arg-type]",
        ),
        (
            unexplained_exemptions,
            "x = 1  # type: ignore[misc] (no stubs)",
            "x = 1  # type: ignore  # no stubs",
        ),
        (unexplained_exemptions, "x = 1", "x = 1  # type: ignore[misc]  # noqa: S608 - a constant"),
        (lambda text: matches(NOTE, text), "all done, todos none", "# TO" + "DO: later"),
        (lambda text: matches(REGISTRY, text), "https://example.org/", "https://py" + "pi.org/simple"),
        (lambda text: matches(MACHINE_PATH, text), "https://example.com/work/", "open('/wo" + "rk/x')"),
        (lambda text: matches(MACHINE_PATH, text), "network/root", "cd /ro" + "ot/project"),
        (lambda text: changelog_faults(text, "1.0"), "## [Unreleased]\n## [1.0]", "## [0.9]\n## [1.0]"),
        (lambda text: changelog_faults(text, "1.0"), "## 1.0 - 2026-01-01", "# Changelog"),
        (
            lambda lock: unpinned(["a_b>1"], lock),
            "a-b==2 \\\n    --hash=sha256:0",
            "a-b==2\nc==1 \\\n  --hash=sha256:0",
        ),
    ],
)
def test_each_check_can_fail(check, good, bad):
    assert check(good) == []
    assert check(bad) != []


@pytest.mark.parametrize(
    "path", ["planner/utils.py", "planner/store/base.py", "tests/Helpers/x.py", "uv.lock"]
)
def test_bad_names_are_noticed(path):
    assert badly_named(path)
    assert not badly_named("planner/store/tables.py")
