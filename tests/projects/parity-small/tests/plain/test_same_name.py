"""In a folder without `__init__.py`: imported by its base name."""

import helper_of_plain
import pytest

pytest.importorskip("json")


def test_help():
    assert helper_of_plain.double(4) == 8


@pytest.fixture(scope="package")
def package_wide():
    return object()


def test_package(package_wide, request):
    assert request.scope == "function" and package_wide is not None
