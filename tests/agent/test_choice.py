"""What is left of a command line when a person or an edit has chosen some of its tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from script import run_script

SCRIPT = """
import pytest
from prewarm._choice import Choice

class Chosen:
    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config):
        choice = Choice({choice!r}, config)
        choice.narrow(config.option)
        config.args = list(config.option.file_or_dir)
        choice.apply(config)
    def pytest_deselected(self, items):
        told["deselected"] = told.get("deselected", 0) + len(items)
    def pytest_runtest_logstart(self, nodeid):
        told["ran"].append(nodeid)

told["ran"] = []
told["exit"] = pytest.main(["-p", "no:cacheprovider", *{args!r}], plugins=[Chosen()])
"""

FILES = {
    "pytest.ini": "[pytest]\n",
    "test_cart.py": "def test_add(): pass\ndef test_remove(): pass\n",
    "test_order.py": "def test_add(): pass\n",
    "broken/test_Refund.py": "raise RuntimeError\n",
}


def run(folder: Path, args: list[str], **choice: Any) -> dict[str, Any]:
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    given = {"ids": None, "path": "", "name": "", **choice}
    return run_script(SCRIPT.format(choice=given, args=args), folder)


def test_tests_are_picked_by_their_ids_and_no_other_file_is_collected(tmp_path: Path) -> None:
    ids = ["test_cart.py::test_remove", "test_cart.py::test_gone", "test_gone.py::test_add"]
    told = run(tmp_path, ["."], ids=ids)
    # What is gone is left out; the file that does not import was not asked for.
    assert told == {"ran": ["test_cart.py::test_remove"], "exit": 0, "deselected": 1}


@pytest.mark.parametrize(
    ("path", "ran"),
    [
        ("CART", ["test_cart.py::test_add", "test_cart.py::test_remove"]),
        ("order", ["test_order.py::test_add"]),
    ],
)
def test_files_are_picked_by_a_part_of_their_path(
    tmp_path: Path, path: str, ran: list[str]
) -> None:
    told = run(tmp_path, ["test_cart.py", "test_order.py"], path=path)
    assert (told["ran"], told["exit"]) == (ran, 0)


def test_a_name_narrows_what_the_command_line_says(tmp_path: Path) -> None:
    told = run(tmp_path, ["test_cart.py", "test_order.py", "-k", "cart or order"], name="remove")
    assert told["ran"] == ["test_cart.py::test_remove"]


def test_without_a_choice_everything_runs(tmp_path: Path) -> None:
    told = run(tmp_path, ["test_cart.py", "test_order.py"])
    assert len(told["ran"]) == 3
    assert "deselected" not in told
