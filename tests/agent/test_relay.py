"""What leader and worker say to each other, through a real pair of sockets."""

from __future__ import annotations

import enum
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prewarm._relay import Relay, RunningPlace, pair, plain

plain_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: (
        st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=20,
)


class Colour(enum.IntEnum):
    BLUE = 3


class Name(str):
    pass


@given(st.lists(plain_values, max_size=5))
def test_what_is_told_arrives_as_it_is(values: list[object]) -> None:
    one, other = map(Relay, pair())
    try:
        for value in values:
            one.note("value", value)
        one.tell("end", (1, 2))
        heard = []
        while (frame := other.hear())[0] != "end":
            heard.append(frame[1])
        assert heard == values
        assert frame == ("end", (1, 2))
        assert not other.has_more
    finally:
        one.close()
        other.close()


@pytest.mark.parametrize(
    ("value", "arrives"),
    [
        (pathlib.Path("/a"), "/a"),
        (Colour.BLUE, 3),
        (Name("x"), "x"),
        ({"k": [Colour.BLUE, (Name("y"), object)]}, {"k": [3, ("y", str(object))]}),
        ({1, 2}, [1, 2]),
    ],
)
def test_what_is_no_plain_value_becomes_one(value: object, arrives: object) -> None:
    assert plain(value) == arrives
    assert type(plain(value)) is type(arrives)


def test_the_end_of_the_other_side_is_heard() -> None:
    one, other = map(Relay, pair())
    one.note("never flushed")
    one.close()
    assert other.has_more
    assert other.hear() is None
    other.close()


def test_a_dead_workers_place_is_known() -> None:
    place = RunningPlace()
    assert place.get() == -1
    place.set(70_000)
    assert place.get() == 70_000
    place.close()
