/** A small project with every outcome, output in every phase, warnings, parameters, a class, an option of its own. */
export const VARIED = {
  "pytest.ini": "[pytest]\nmarkers =\n    slow: takes long\nfilterwarnings =\n    default\n",
  "conftest.py": `
import pytest

print("conftest is imported")


@pytest.fixture
def five():
    return 5


def pytest_addoption(parser):
    parser.addoption("--shout", action="store_true")


def pytest_report_header(config):
    return f"shout: {config.getoption('shout')}"
`,
  "tests/test_a.py": `
import time
import warnings

import pytest

print("test_a is imported")
warnings.warn("while importing")


def test_one(five):
    assert five == 5


def test_two(five):
    print("in test two")
    assert five == 6


@pytest.mark.slow
def test_slow():
    warnings.warn("while running")
    time.sleep(0.2)


@pytest.mark.parametrize("x", [1, 2, "a/b"])
def test_parameters(x):
    assert x != 2


@pytest.mark.skip(reason="not now")
def test_skipped():
    pass


@pytest.mark.xfail
def test_xfailed():
    assert 0


@pytest.mark.xfail
def test_xpassed():
    pass


class TestClass:
    def test_method(self):
        pass

    def test_dictionaries(self):
        assert {"a": 1} == {"a": 2}
`,
  "tests/test_b.py": `
import pytest


def setup_module():
    print("setup of b")


@pytest.fixture
def broken():
    raise RuntimeError("a fixture fails")


def test_b1():
    pass


def test_b2():
    pass


def test_error(broken):
    pass
`,
  "tests/sub/test_c.py": "def test_c():\n    assert [1, 2] == [1, 3]\n",
};
