import pytest

from planner import identify
from planner.store import Store


@pytest.fixture(scope="session")
def phones() -> identify.Identifier:
    return identify.default_identifier()


@pytest.fixture
def path(tmp_path):
    """Where the database is, alone in its folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder / "planner.db"


@pytest.fixture
def url(path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def store(url):
    with Store(url) as store:
        yield store
