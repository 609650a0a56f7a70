"""What `import planner` offers, and what it does not load or do."""

import json

import pytest

import planner

HEAVY = {"fastapi", "numpy", "pandas", "pyarrow", "pydantic", "rich", "sqlalchemy", "sqlmodel", "typer"}

IMPORT_AND_LIST = "import json, sys; import planner; print(json.dumps(sorted(sys.modules)))"

# Imports every module, and prints what that did besides: files written, sockets opened, threads left running.
IMPORT_ALL = """
import json, pkgutil, sys, threading

DEEDS = {
    "os.mkdir", "os.remove", "os.rename",
    "socket.bind", "socket.connect", "sqlite3.connect", "subprocess.Popen",
}
deeds, errors, names = [], [], []

def watch(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if event in DEEDS or writes:
        deeds.append(f"{event} {arguments[0]!r}")

sys.addaudithook(watch)
import planner

for module in pkgutil.walk_packages(planner.__path__, "planner.", onerror=errors.append):
    if ".migrations" in module.name or module.name.endswith(".__main__"):
        continue  # these are run, not imported
    names.append(module.name)
    __import__(module.name)

threads = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
json.dump({"names": names, "deeds": deeds, "errors": errors, "threads": threads}, sys.__stdout__)
"""


def test_public_names_are_sorted():
    assert list(planner.__all__) == sorted(set(planner.__all__))


@pytest.mark.parametrize("name", planner.__all__)
def test_public_name_resolves(name):
    assert getattr(planner, name) is not None
    assert name in dir(planner)


def test_open_planner_is_public_and_callable():
    assert "open_planner" in planner.__all__
    assert callable(planner.open_planner)


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = planner.no_such_name


def test_importing_planner_loads_nothing_heavy(fresh_python):
    result = fresh_python("-c", IMPORT_AND_LIST)
    assert result.returncode == 0, result.stderr
    assert HEAVY & set(json.loads(result.stdout)) == set()


def test_importing_any_module_has_no_side_effect(fresh_python):
    result = fresh_python("-W", "error", "-c", IMPORT_ALL)
    assert result.returncode == 0, result.stderr
    done = json.loads(result.stdout)
    assert {"planner.cli", "planner.decide", "planner.store"} <= set(done.pop("names"))
    assert done == {"deeds": [], "errors": [], "threads": []}
    assert result.stderr == ""


def test_side_effects_are_noticed(fresh_python):
    program = IMPORT_ALL.replace("import planner\n", "import planner; open('left.txt', 'w')\n", 1)
    assert "left.txt" in json.loads(fresh_python("-c", program).stdout)["deeds"][0]
