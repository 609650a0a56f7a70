"""Recorded calls, answers and postbacks, one JSON file each; `index.json` says what each rests on."""

import json
from pathlib import Path

FOLDER = Path(__file__).parent


def names(kind: str) -> list[str]:
    """The cases of a kind (`ack`, `postback` or `request`), as `index.json` lists them."""
    files = [row["file"] for row in json.loads((FOLDER / "index.json").read_text())["files"]]
    return [file.removesuffix(".json") for file in files if file.startswith(kind)]


def body(name: str) -> bytes:
    return (FOLDER / f"{name}.json").read_bytes()


def load(name: str) -> dict:
    return json.loads(body(name))


def receipts() -> list[dict]:
    """Every recorded postback."""
    return [load(name) for name in names("postback")]
