"""The files of this repository, as the tests about its shape see them."""

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SKIPPED_FOLDERS = {"__pycache__", "build", "dist"}


def files() -> list[Path]:
    """Every file that is or would be committed; outside a clone, every file that no tool left there."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        return sorted(path for name in names.split("\0") if name and (path := ROOT / name).is_file())
    found = []
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = [name for name in subfolders if name[0] != "." and name not in SKIPPED_FOLDERS]
        found += [Path(folder, name) for name in names]
    return sorted(found)


def python_files(*folders: str) -> list[Path]:
    """The Python files in some folders, without the migrations that Alembic wrote from its template."""
    return [
        path
        for path in files()
        if path.suffix == ".py"
        and path.relative_to(ROOT).parts[0] in folders
        and "migrations/versions" not in path.as_posix()
    ]


def modules_of(name: str) -> list[Path]:
    """The files of a module or package: `planner.store` has many."""
    path = ROOT.joinpath(*name.split("."))
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
