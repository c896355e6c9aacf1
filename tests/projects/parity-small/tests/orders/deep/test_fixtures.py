import os
import warnings

import pytest


def test_warehouse(warehouse):
    assert (warehouse / "stock").read_text() == "7"


def test_count_one(counter):
    counter["count"] += 1
    assert counter["count"] == 1


def test_count_two(counter):
    counter["count"] += 1
    assert counter["count"] == 2


def test_tmp_path(tmp_path, tmp_path_factory):
    (tmp_path / "note").write_text("x")
    assert tmp_path.parent == tmp_path_factory.getbasetemp()


def test_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("SHOP_REGION", "west")
    monkeypatch.chdir(tmp_path)
    assert os.environ["SHOP_REGION"] == "west" and not os.listdir()


def test_output(capsys, caplog):
    print("hello")
    assert capsys.readouterr().out == "hello\n" and not caplog.records


def test_file_output(capfd):
    os.system("echo from the shell")
    assert "shell" in capfd.readouterr().out


def test_warns():
    with pytest.warns(UserWarning, match="soon"):
        warnings.warn("gone soon", stacklevel=1)


@pytest.fixture
def breaks_late():
    yield 5
    raise RuntimeError("tear-down")


def test_error_after(breaks_late):
    assert breaks_late == 5


def test_error_before(missing_fixture):
    assert missing_fixture


def test_fails(request):
    assert request.node.nodeid == "", "fails always"


def test_events(events):
    assert events[-1] == "start"
