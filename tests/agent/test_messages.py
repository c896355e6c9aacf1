"""What daemon and Python processes say to each other, held against the golden examples of the contract."""

from __future__ import annotations

import ast
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import golden
import pytest
from played_daemon import AGENT, PlayedDaemon, told
from prewarm._messages import ORDERS, is_order
from prewarm._process import PROTOCOL_VERSION
from prewarm._wire import Decoder, encode

DIRECTIONS = sorted(file.stem for file in golden.FOLDER.glob("*.json"))
ALL = [
    pytest.param(each, id=f"{name}-{each['type']}")
    for name in DIRECTIONS
    for each in golden.examples(name)
]
GOLDEN_ORDERS = [pytest.param(each, id=each["type"]) for each in golden.examples("orders")]
#: Types of orders that a process only gives to itself.
INSIDE = frozenset(("leads", "unforked"))
OF_NO_TYPE = (object(), {"not": object()}, [object()], 1.5)


@pytest.mark.parametrize("message", ALL)
def test_every_message_goes_through_a_frame_unchanged(message: golden.Message) -> None:
    assert Decoder().feed(encode(message)) == [message]


# Orders


def test_there_is_an_example_of_every_order() -> None:
    assert list(dict.fromkeys(each["type"] for each in golden.examples("orders"))) == list(ORDERS)


@pytest.mark.parametrize("order", GOLDEN_ORDERS)
def test_an_order_is_taken_with_members_that_came_later(order: golden.Message) -> None:
    assert is_order(order)
    assert is_order({**order, "sinceThen": True})


@pytest.mark.parametrize("order", GOLDEN_ORDERS)
def test_an_order_is_refused_without_one_of_its_members(order: golden.Message) -> None:
    for place in places(order):
        assert not is_order(without(order, place)), place


@pytest.mark.parametrize("order", GOLDEN_ORDERS)
def test_an_order_is_refused_with_a_member_of_another_type(order: golden.Message) -> None:
    for place in places(order):
        for wrong in OF_NO_TYPE:
            assert not is_order(changed(order, place, wrong)), (place, wrong)


@pytest.mark.parametrize(
    ("kind", "place", "value"),
    [
        ("start", ("umask",), True),
        ("start", ("umask",), -1),
        ("start", ("isModule",), 0),
        ("start", ("args",), ["-q", 1]),
        ("start", ("args",), "-q"),
        ("start", ("ahead", "modules"), [["numpy"]]),
        ("start", ("ahead", "modules"), [["numpy", 1]]),
        ("start", ("ahead", "modules"), ["no"]),
        ("start", ("plain",), {"type": "exit"}),
        ("resume", ("env",), {"LANG": None}),
        ("resume", ("env",), ["LANG"]),
        ("resume", ("cuts",), None),
        ("run", ("terminals",), {"stdin": 0}),
        ("run", ("id",), None),
        ("reap", ("pid",), "4712"),
    ],
)
def test_what_nearly_fits_is_refused(kind: str, place: tuple[str, ...], value: object) -> None:
    order = next(each for each in golden.examples("orders") if each["type"] == kind)
    assert not is_order(changed(order, place, value))


@pytest.mark.parametrize("kind", ["", "Exit", "goodbye", "hello", "__class__"])
def test_what_is_no_order_is_refused(kind: str) -> None:
    assert not is_order({"type": kind})


def places(order: golden.Message) -> list[tuple[str, ...]]:
    """Where the members of an order are, those of the objects in it too; names that are data are none."""
    nested = ("cuts", "ahead", "plain")
    found: list[tuple[str, ...]] = [(name,) for name in order if name != "type"]
    for name in nested:
        found += [(name, *inner) for inner in places(order[name])] if order.get(name) else []
    return found


def changed(order: golden.Message, place: tuple[str, ...], value: object) -> golden.Message:
    name, *inner = place
    return {**order, name: changed(order[name], tuple(inner), value) if inner else value}


def without(order: golden.Message, place: tuple[str, ...]) -> golden.Message:
    name, *inner = place
    if inner:
        return {**order, name: without(order[name], tuple(inner))}
    return {key: value for key, value in order.items() if key != name}


# Messages


def test_our_hello_has_the_version_of_the_contract() -> None:
    hellos = [each for each in golden.examples("agent-messages") if each["type"] == "hello"]
    assert [each["protocol"] for each in hellos] == [PROTOCOL_VERSION]


def test_all_that_is_sent_has_the_members_of_its_example() -> None:
    """Every message that the agent's source writes down, whichever branch sends it."""
    members: dict[str, list[set[str]]] = {}
    for example in golden.examples("agent-messages"):
        members.setdefault(example["type"], []).append(set(example))
    written = written_messages()
    assert {kind for kind, _, _ in written} == set(members)
    for kind, names, is_whole in written:
        fitting = [names == each if is_whole else names <= each for each in members[kind]]
        assert any(fitting), (kind, names)


def written_messages() -> list[tuple[str, set[str], bool]]:
    """Type and members of each literal with a `type` in the agent; false where others are merged into it."""
    found = []
    for file in AGENT.glob("*.py"):
        if file.name == "_handover.py":
            # It speaks to the daemon as a command line does.
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Dict):
                continue
            members: dict[Any, Any] = {
                key.value: value
                for key, value in zip(node.keys, node.values)
                if isinstance(key, ast.Constant)
            }
            kind = members.get("type")
            if isinstance(kind, ast.Constant) and kind.value not in INSIDE:
                found.append((str(kind.value), set(members), None not in node.keys))
    return found


# What a process does with them


@pytest.fixture
def daemon() -> Iterator[PlayedDaemon]:
    with PlayedDaemon() as played:
        yield played


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="no frame"),
        pytest.param(encode({"type": "start"}), id="half an order"),
        pytest.param(encode({"type": "welcome"}), id="another order"),
    ],
)
def test_a_trunk_that_is_not_told_what_to_start_leaves(
    sent: bytes, daemon: PlayedDaemon, tmp_path: Path
) -> None:
    trunk = daemon.start(tmp_path)
    connection, _ = daemon.server.accept()
    with connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        assert trunk.wait(timeout=60) == 0


def test_a_fork_that_is_not_welcome_and_a_checkpoint_that_is_not_understood_leave(
    daemon: PlayedDaemon, tmp_path: Path
) -> None:
    trunk = daemon.start(tmp_path)
    parent, hello = daemon.accept()
    assert hello == {**golden.examples("agent-messages")[0], "pid": trunk.pid}
    parent.send(daemon.start_order("--version"))
    parked = told(parent)
    assert (parked["type"], parked["child"]) == ("parked", "t1.1")
    child, hello = daemon.accept()
    assert hello["id"] == "t1.1"
    child.send({"type": "exit"})
    assert child.receive(timeout=60) is None
    parent.send({"type": "reap", "pid": hello["pid"]})
    assert told(parent) == {"type": "reaped", "pid": hello["pid"], "exit": 0, "signal": None}
    parent.send({"type": "resume", "id": "c1"})
    assert parent.receive(timeout=60) is None
    assert trunk.wait(timeout=60) == 0
