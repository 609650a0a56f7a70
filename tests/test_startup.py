"""What `planner --help` costs: not in seconds (see tests/bench) but in what it loads."""

import json

HEAVY = {"fastapi", "numpy", "pandas", "pyarrow", "sqlalchemy", "sqlmodel"}

HELP = """
import json, sys

sys.argv = ["planner", "--help"]
code = None
try:
    from planner.cli import main
    main()
except SystemExit as leaving:
    code = leaving.code
json.dump({"code": code, "modules": sorted(sys.modules)}, sys.stderr)
"""


def test_help_loads_nothing_heavy(fresh_python):
    result = fresh_python("-c", HELP)
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stderr)
    assert report["code"] in (0, None)
    assert HEAVY & set(report["modules"]) == set()
    assert "plan" in result.stdout
