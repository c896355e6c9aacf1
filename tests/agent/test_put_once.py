"""What goes into Ray's object store: once for all nodes, and not for ever."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[2] / "agent/ray_bridge/prewarm_put_once.py"
spec = importlib.util.spec_from_file_location("prewarm_put_once", FILE)
assert spec is not None
assert spec.loader is not None
prewarm_put_once = importlib.util.module_from_spec(spec)
spec.loader.exec_module(prewarm_put_once)

LARGE = prewarm_put_once.LARGE_BYTES


def store(most_bytes: int = 10 * LARGE) -> tuple[Any, list[bytes]]:
    put: list[bytes] = []

    def take(data: bytes) -> int:
        put.append(data)
        return len(put)

    return prewarm_put_once.PutOnce(take, most_bytes), put


def test_small_data_travels_with_the_call() -> None:
    once, put = store()
    assert once.refer(b"x" * (LARGE - 1)) == b"x" * (LARGE - 1)
    assert put == []


def test_what_several_nodes_are_told_is_put_once() -> None:
    once, put = store()
    a, b = b"a" * LARGE, b"b" * LARGE
    assert [once.refer(each) for each in (a, a, b, bytes(a), b)] == [1, 1, 2, 1, 2]
    assert put == [a, b]


def test_what_was_not_asked_for_longest_is_let_go() -> None:
    once, put = store(2 * LARGE)
    a, b, c = (letter * LARGE for letter in (b"a", b"b", b"c"))
    for each in (a, b, a, c):
        once.refer(each)
    assert once.refer(a) == 1
    assert once.refer(b) == 4
    assert len(put) == 4


def test_one_that_is_larger_than_all_that_is_kept_is_still_put_once_in_a_row() -> None:
    once, put = store(LARGE)
    large = b"l" * (3 * LARGE)
    assert once.refer(large) == once.refer(large) == 1
    assert len(put) == 1
