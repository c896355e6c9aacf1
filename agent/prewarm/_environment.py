"""The environment of a requester, set in a process that goes on for it. Runs in trunk and leader."""

from __future__ import annotations

import os


def replace_environment(wanted: dict[str, str], kept: set[str]) -> None:
    """Sets these variables and removes all others, but for those of `kept`, which stay as they are."""
    current = dict(os.environ)
    target = {name: value for name, value in wanted.items() if name not in kept}
    target.update((name, current[name]) for name in kept if name in current)
    for name in current.keys() - target.keys():
        del os.environ[name]
    for name, value in target.items():
        if current.get(name) != value:
            os.environ[name] = value
