"""Which tests belong together when they are handed out to several workers.

Runs in the leader. Each mode has the meaning that it has in pytest-xdist.
"""

from __future__ import annotations

from typing import Any


def scopes_of(items: list[Any], dist: str) -> list[int]:
    """The number of its group for each item; tests of one group run in one worker, one after another."""
    numbers: dict[Any, int] = {}
    return [numbers.setdefault(_key(item, dist), len(numbers)) for item in items]


def _key(item: Any, dist: str) -> Any:
    nodeid = item.nodeid
    if dist == "loadfile":
        return nodeid.split("::", 1)[0]
    if dist == "loadscope":
        return nodeid.rsplit("::", 1)[0]
    if dist == "loadgroup":
        return group_of(item) or item
    if dist == "":
        return _shared(item)
    return item


def group_of(item: Any) -> str:
    """The name of the groups that the marks of an item name, empty where there are none."""
    names = {
        str(mark.args[0] if mark.args else mark.kwargs.get("name", "default"))
        for mark in item.iter_markers("xdist_group")
    }
    return "_".join(sorted(names))


def _shared(item: Any) -> Any:
    """The class or file whose fixtures this item shares with others; itself where it shares none."""
    info = getattr(item, "_fixtureinfo", None)
    scopes: set[str] = set()
    for definitions in () if info is None else info.name2fixturedefs.values():
        scopes.update(definition.scope for definition in definitions[-1:])
    if "module" in scopes or "package" in scopes:
        return item.nodeid.split("::", 1)[0]
    if "class" in scopes:
        return item.nodeid.rsplit("::", 1)[0]
    return item
