"""Who may import whom: the contracts of pyproject.toml, and what the domain may not even call."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import sources

CONTRACTS = {contract["id"]: contract for contract in sources.PYPROJECT["tool"]["importlinter"]["contracts"]}
DOMAIN = CONTRACTS["purity"]["source_modules"]
OUTSIDERS = {"planner.identify": {"ua_parser", "user_agents"}}
CLOCKS = {"now", "today", "utcnow"}
IMPURE_PARTS = {"urllib.request", "urllib.error", "importlib.metadata"}
BUILTINS = {"breakpoint", "eval", "exec", "input", "print"}


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"]
    environment = os.environ | {"PYTHONPATH": str(root), "COLUMNS": "120"}
    arguments = ["--config", str(root / "pyproject.toml"), "--no-cache", "--no-logo"]
    return subprocess.run(
        command + arguments, cwd=root, env=environment, capture_output=True, text=True, check=False
    )


def imported(tree: ast.AST) -> list[str]:
    """The dotted names that a file imports; `from a import b` counts as `a` and `a.b`."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names += [module, *(f"{module}.{alias.name}" for alias in node.names)]
    return names


def impurities(source: str, outsiders: frozenset[str] | set[str] = frozenset()) -> list[str]:
    """What a file of the domain does that it should leave to others: read a clock, talk, import strangers."""
    tree = ast.parse(source)
    allowed = sys.stdlib_module_names | outsiders | {"planner"}
    names = imported(tree)
    found = [
        f"imports {name}" for name in names if name.partition(".")[0] not in allowed or name in IMPURE_PARTS
    ]
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) if name in CLOCKS:
                found.append(f"line {node.lineno}: reads the clock with {name}()")
            case ast.Call(func=ast.Name(id=name)) if name in BUILTINS:
                found.append(f"line {node.lineno}: calls {name}()")
    return found


def test_contracts_hold():
    result = lint_imports(sources.ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("module", DOMAIN)
def test_domain_is_pure(module):
    outsiders = OUTSIDERS.get(module, set())
    found = {
        sources.shown(path): impurities(path.read_text(), outsiders) for path in sources.modules_of(module)
    }
    assert not {path: faults for path, faults in found.items() if faults}


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime\ndatetime.now()",
        "import datetime as d\nd.date.today()",
        "from datetime import datetime, UTC\nread = datetime.utcnow",
        "import urllib.request",
        "from urllib import request",
        "import numpy.linalg",
        "from ua_parser import parse",
        "print('hello')",
    ],
)
def test_impure_code_is_noticed(source):
    assert impurities(source)


def test_pure_code_passes():
    source = "import urllib.parse\nfrom datetime import datetime\ndef old(now: datetime): return now.year"
    assert impurities(source) == []
    assert impurities("import ua_parser", OUTSIDERS["planner.identify"]) == []


@pytest.fixture
def replica(tmp_path):
    """The contracts of this project over a package of empty modules that keeps them."""
    layers = CONTRACTS["layers"]["layers"]
    package = tmp_path / "planner"
    for name in re.findall(r"\w+", " ".join(layers)):
        (package / name).mkdir(parents=True)
        (package / name / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "store" / "tables.py").touch()
    (tmp_path / "pyproject.toml").write_bytes((sources.ROOT / "pyproject.toml").read_bytes())
    return tmp_path


def test_contracts_hold_for_a_package_that_keeps_them(replica):
    result = lint_imports(replica)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("module", "source", "broken"),
    [
        ("msisdn", "from planner import decide", "layers"),
        ("observations", "import planner.policies", "layers"),
        ("newcomer", "", "layers"),
        ("decide", "import socket", "purity"),
        ("dialects", "from sqlalchemy import select", "purity"),
        ("library", "from planner.store import tables", "tables"),
        ("testing", "from planner.settings import Settings", "settings"),
    ],
)
def test_breach_of_a_contract_is_noticed(replica, module, source, broken):
    folder = replica / "planner" / module
    folder.mkdir(exist_ok=True)
    (folder / "__init__.py").write_text(source)
    result = lint_imports(replica)
    assert f"{CONTRACTS[broken]['name']} BROKEN" in re.sub(r"\s+", " ", result.stdout)
    assert result.returncode != 0
