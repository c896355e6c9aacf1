"""What a trunk tells of the way to its tip, in real processes over a project of real files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from played_daemon import PlayedDaemon

SHOP = {
    "pytest.ini": "[pytest]\n",
    "conftest.py": """
import os, sys
here = os.path.dirname(__file__)
sys.path[:0] = [os.path.join(here, "lib"), os.path.join(here, "later")]
os.environ["SHOP_SET"] = "1"
""",
    "lib/tax.py": "",
    "shop/__init__.py": """
import os, json.tool
from shop import prices
try:
    import simplejson
except ImportError:
    pass
os.environ.get("SHOP_CURRENCY")
""",
    "shop/prices.py": """
from pathlib import Path
TEXT = Path(__file__).with_name("prices.json").read_text()
NAMES = sorted(path.name for path in Path(__file__).parent.iterdir())
""",
    "shop/prices.json": "{}",
    "tests/test_a.py": "import shop, tax\ndef test_a(): pass\n",
}


def grow(folder: Path, files: dict[str, str], *args: str) -> list[dict[str, Any]]:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with PlayedDaemon() as daemon:
        return daemon.grow(folder, *args)


def events_of(messages: list[dict[str, Any]], folder: Path) -> list[tuple[str, str]]:
    """Kind and name of what belongs to the project, in order."""
    events = [event for each in messages if each["type"] == "timeline" for event in each["events"]]
    start = f"{folder}{os.sep}"
    found = []
    for kind, name, path, *_ in events:
        if str(path or name).startswith(start) or kind in ("missing", "env"):
            found.append((kind, name[len(start) :] if name.startswith(start) else name))
    return found


def test_a_timeline_tells_all_that_its_tip_depends_on(tmp_path: Path) -> None:
    messages = grow(tmp_path, SHOP)
    events = events_of(messages, tmp_path)
    expected = [
        ("conftest", "conftest.py"),
        ("search", "lib"),
        ("open", "later"),
        ("testfile", "tests/test_a.py"),
        ("module", "shop"),
        ("module", "shop.prices"),
        ("open", "shop.prices"),
        ("list", "shop"),
        ("missing", "simplejson"),
        ("env", "SHOP_CURRENCY"),
        ("module", "tax"),
    ]
    assert [event for event in dict.fromkeys(events) if event in expected] == expected
    assert ("env", "SHOP_SET") not in events


def test_a_timeline_is_cut_where_the_parts_of_a_project_begin(tmp_path: Path) -> None:
    messages = grow(tmp_path, SHOP)
    places = [
        (each["at"]["kind"], each["at"]["name"]) for each in messages if each["type"] == "parked"
    ]
    assert places == [
        ("start", "pytest"),
        ("conftest", str(tmp_path / "conftest.py")),
        ("testfile", "tests/test_a.py"),
        ("module", "shop"),
    ]


def test_places_are_counted_from_the_start(tmp_path: Path) -> None:
    messages = grow(tmp_path, SHOP)
    count = 0
    for message in messages:
        if message["type"] == "timeline":
            assert message["first"] == count
            count += len(message["events"])
        elif message["type"] == "parked":
            assert message["at"]["index"] == count
    assert messages[-1]["type"] == "tip"
    assert messages[-1]["index"] == count


def test_a_folder_in_which_imports_look_is_told_once(tmp_path: Path) -> None:
    events = events_of(grow(tmp_path, SHOP), tmp_path)
    searches = [event for event in events if event[0] == "search"]
    assert len(searches) == len(set(searches))
    assert ("search", "shop") in searches
    assert ("search", "tests") in searches


def test_a_trunk_that_ends_before_its_tip_tells_how(tmp_path: Path) -> None:
    messages = grow(tmp_path, {"pytest.ini": "[pytest]\n"}, "--not-an-option")
    assert messages[-1]["type"] == "ended-early"
    assert messages[-1]["exit"] == 4
    reason = grow(tmp_path, {}, "--help")[-1]
    assert reason == {"type": "not-warm", "reason": "option help reports on the start of pytest"}
