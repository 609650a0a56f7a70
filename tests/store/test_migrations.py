import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from planner.store import Store, engines, tables

pytestmark = pytest.mark.slow  # real processes


def differences(tx: sa.Connection) -> list:
    """What Alembic would have to change to make the tables as they are declared."""
    context = MigrationContext.configure(tx, opts={"compare_type": True, "compare_server_default": True})
    return compare_metadata(context, SQLModel.metadata)


@pytest.fixture(params=["file", "memory"])
def migrated(request, url):
    with Store(url if request.param == "file" else "sqlite://") as store, store.transaction() as tx:
        yield tx


def test_a_migrated_database_has_the_tables_as_they_are_declared(migrated):
    assert differences(migrated) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE events ADD COLUMN more TEXT",
        "ALTER TABLE events DROP COLUMN body",
        "DROP TABLE sends",
        "DROP INDEX events_by_number",
        "CREATE INDEX more ON events (code)",
    ],
)
def test_tables_that_are_not_as_declared_are_noticed(migrated, change):
    migrated.exec_driver_sql(change)
    assert differences(migrated) != []


def test_views_are_clustered_by_their_keys_and_unique_keys_are_there(migrated):
    """What Alembic does not compare: how SQLite lays rows out, and the keys that drop repeats."""
    made = dict(migrated.exec_driver_sql("SELECT name, sql FROM sqlite_master").all())
    for table in ("handsets", "sends"):
        assert "WITHOUT ROWID" in made[table]
    inspector = sa.inspect(migrated)
    for table in (tables.Event, tables.ObservationRow):
        declared = {c.name for c in table.__table__.constraints if isinstance(c, sa.UniqueConstraint)}
        found = {constraint["name"] for constraint in inspector.get_unique_constraints(table.__tablename__)}
        assert declared == found != set()


def test_the_version_in_the_program_is_the_newest_migration_in_the_folder():
    config = Config()
    config.set_main_option("script_location", str(engines.MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [engines.HEAD]
    files = sorted(path.name[:4] for path in (engines.MIGRATIONS / "versions").glob("*.py"))
    assert files[-1] == engines.HEAD
    assert len(files) == len(set(files))


def test_a_database_says_which_version_it_has(migrated):
    assert engines.version(migrated) == engines.HEAD


def test_a_current_database_is_opened_without_loading_the_migrations(url, fresh_python):
    Store(url).close()
    script = "import sys, planner.store as s; s.Store(sys.argv[1]).close(); print('alembic' in sys.modules)"
    assert fresh_python("-c", script, url).stdout == "False\n"
    assert fresh_python("-c", script, url + ".new").stdout == "True\n"
