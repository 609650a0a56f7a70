"""`db`: the database itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner import errors
from planner.cli import options, output

app = typer.Typer(help="The database.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def upgrade(db: options.Database = None, as_json: options.Json = False) -> None:
    """Bring the tables to this version; a current database is left as it is."""
    from planner.store.engines import HEAD, open_engine
    from planner.store.engines import upgrade as upgrade_tables

    found = options.settings()
    url = db or found.database_url
    engine = open_engine(url)
    try:
        before = upgrade_tables(engine, url)
    finally:
        engine.dispose()
    if as_json:
        output.emit({"database": url, "before": before, "after": HEAD})
    else:
        print(
            f"{url}: {'created' if before is None else before} -> {HEAD}"
            if before != HEAD
            else f"{url}: current"
        )


@app.command()
def check(db: options.Database = None, as_json: options.Json = False) -> None:
    """Check that the views are what the ledgers say, and the file is sound; exits 3 when not."""
    from planner.store import views

    with options.open_store(db, readonly=True) as store:
        damage = store.damage()
        with store.transaction() as tx:
            found, expected = views.state_hash(tx), views.state_hash(tx, from_ledger=True)
            counts = views.counts(tx)
            if lost := views.handsets_without_string(tx):
                damage.append(f"{lost} rows name a string that is gone; restore a backup")
    ok = found == expected and not damage
    if as_json:
        output.emit({"ok": ok, "state_hash": found, "ledger_hash": expected, "damage": damage, **counts})
    else:
        output.fields({**counts, "state_hash": found})
        print("in order" if ok else "NOT in order")
        for line in damage:
            print(f"damage: {line}")
        if found != expected:
            print("The views are not what the ledgers say: run `planner db rebuild`.")
    if not ok:
        raise typer.Exit(errors.ConfigurationError.exit_code)


@app.command()
def rebuild(db: options.Database = None, as_json: options.Json = False) -> None:
    """Make the views again from the ledgers, and what strings mean from the rules."""
    options.open_store(db, readonly=True).close()  # nothing to rebuild is an error, not a new database
    with options.open_planner(db) as planner, output.progress("rebuilding", None):
        before, after = planner.rebuild()
    if as_json:
        output.emit({"before": before, "after": after, "changed": before != after})
    else:
        print(
            f"state {after}: {'the views were not in order and are now' if before != after else 'unchanged'}"
        )


@app.command()
def backup(
    path: Annotated[Path, typer.Argument(help="The new file; it must not exist.")],
    db: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Copy the database into a new file while others go on writing."""
    with options.open_store(db, readonly=True) as store:
        store.backup(path)
    if as_json:
        output.emit({"backup": str(path), "bytes": path.stat().st_size})
    else:
        print(f"{path}: {path.stat().st_size:,} bytes")
