"""The scales themselves: what runs when."""

import pytest
from hypothesis import settings

from tests import conftest


@pytest.mark.parametrize(
    ("marks", "grows", "runs_at"),
    [
        (set(), False, ["check", "test"]),
        (set(), True, ["check", "test", "proof", "soak"]),
        ({"slow"}, False, ["check", "test"]),
        ({"proof"}, False, ["proof", "soak"]),
        ({"soak"}, True, ["soak"]),
        ({"proof", "soak"}, True, ["soak"]),
    ],
)
def test_larger_scales_run_what_grows_with_them(marks, grows, runs_at):
    assert [name for name in conftest.SCALES if conftest.is_wanted(marks, grows=grows, scale=name)] == runs_at


def test_unknown_scale_is_refused():
    with pytest.raises(pytest.UsageError, match="expected one of check, test, proof, soak, got 'huge'"):
        conftest.scale_from({"MMS_TEST_SCALE": "huge"})


def test_laws_are_tried_as_often_as_the_scale_says(scale):
    assert settings().max_examples == scale.examples
    assert settings().database is None
