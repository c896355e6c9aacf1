import pytest


@pytest.mark.parametrize("number", range(8))
def test_visits(page, number):
    assert page().startswith("visit 1 of ")
    assert page().startswith("visit 2 of ")
