"""What a trunk and its forks write before their first test, in real processes whose standard streams are taken over."""

from __future__ import annotations

from pathlib import Path

import pytest
from prewarm._preamble import write_all
from script import run_script

HEAD = """
from prewarm._preamble import Preamble

def say(out, err=""):
    os.write(1, out.encode())
    os.write(2, err.encode())

def texts(preamble):
    return [text.decode() for text in preamble.texts()]

def in_fork(act):
    # What `act` returns in a child.
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.write(writing, json.dumps(act()).encode())
        os._exit(0)
    os.close(writing)
    with open(reading) as pipe:
        answer = json.loads(pipe.read())
    os.wait()
    return answer

preamble = Preamble(os.getcwd(), "t1")
"""


def test_both_streams_are_kept_apart(tmp_path: Path) -> None:
    told = run_script(
        HEAD
        + """
say("out", "err")
os.system("printf child; printf wrong >&2")
told["texts"] = texts(preamble)
told["mark"] = preamble.mark()
""",
        tmp_path,
    )
    assert told == {"texts": ["outchild", "errwrong"], "mark": [8, 8]}
    assert (tmp_path / "t1.out").read_text() == "outchild"
    assert (tmp_path / "t1.err").stat().st_mode & 0o777 == 0o600


def test_a_part_is_what_was_written_between_two_marks(tmp_path: Path) -> None:
    told = run_script(
        HEAD
        + """
say("head ", "warning ")
preamble.head = preamble.mark()
say("é", "")
middle = preamble.mark()
say("tail", "more")
def between(start, end):
    return [text.decode() for text in preamble.between(start, end)]
told["head"] = between((0, 0), preamble.head)
told["middle"] = between(preamble.head, middle)
told["tail"] = between(middle, preamble.mark())
told["nothing"] = between(middle, middle)
""",
        tmp_path,
    )
    assert told == {
        "head": ["head ", "warning "],
        "middle": ["é", ""],
        "tail": ["tail", "more"],
        "nothing": ["", ""],
    }


def test_a_fork_goes_on_behind_what_was_there_and_its_parent_does_not_see_it(
    tmp_path: Path,
) -> None:
    told = run_script(
        HEAD
        + """
def carry_on(name):
    preamble.fork_to(name)
    start = preamble.mark()
    say(name, name.upper())
    between = preamble.between(start, preamble.mark())
    return [texts(preamble), start, [text.decode() for text in between]]

say("trunk ", "TRUNK ")
told["first"] = in_fork(lambda: carry_on("a"))
told["second"] = in_fork(lambda: carry_on("b"))
say("later")
told["third"] = in_fork(lambda: [carry_on("c"), in_fork(lambda: carry_on("d"))])
told["parent"] = texts(preamble)
""",
        tmp_path,
    )
    assert told["first"] == [["trunk a", "TRUNK A"], [6, 6], ["a", "A"]]
    assert told["second"] == [["trunk b", "TRUNK B"], [6, 6], ["b", "B"]]
    assert told["third"] == [
        [["trunk laterc", "TRUNK C"], [11, 6], ["c", "C"]],
        [["trunk latercd", "TRUNK CD"], [12, 7], ["d", "D"]],
    ]
    assert told["parent"] == ["trunk later", "TRUNK "]


def test_copies_of_the_descriptors_go_along_with_a_fork(tmp_path: Path) -> None:
    """pytest's capture keeps copies of the standard streams to go back to."""
    told = run_script(
        HEAD
        + """
copy = os.dup(1)
inherited = os.dup(2)
os.set_inheritable(inherited, True)
with open("other.txt", "w") as other:
    def carry_on():
        preamble.fork_to("a")
        os.write(copy, b"by the copy ")
        os.write(inherited, b"by the other copy")
        os.write(other.fileno(), b"untouched")
        flags = [os.get_inheritable(each) for each in (1, 2, copy, inherited)]
        return [texts(preamble), flags]
    told["child"] = in_fork(carry_on)
told["parent"] = texts(preamble)
""",
        tmp_path,
    )
    assert told["child"] == [["by the copy ", "by the other copy"], [True, True, False, True]]
    assert told["parent"] == ["", ""]
    assert (tmp_path / "other.txt").read_text() == "untouched"


def test_what_the_program_redirected_stays_where_it_goes(tmp_path: Path) -> None:
    told = run_script(
        HEAD
        + """
with open("own.txt", "wb", buffering=0) as own:
    os.dup2(own.fileno(), 1)
    def carry_on():
        preamble.fork_to("a")
        say("to its own file", "to us")
        return texts(preamble)
    told["child"] = in_fork(carry_on)
""",
        tmp_path,
    )
    assert told["child"] == ["", "to us"]
    assert (tmp_path / "own.txt").read_text() == "to its own file"


def test_many_bytes_that_are_no_text_come_through(tmp_path: Path) -> None:
    told = run_script(
        HEAD
        + """
from prewarm._preamble import write_all
block = bytes(range(256)) * 1000
write_all(1, block)
told["same"] = preamble.texts() == (block, b"")
told["tail"] = preamble.between((255_900, 0), preamble.mark())[0] == block[-100:]
""",
        tmp_path,
    )
    assert told == {"same": True, "tail": True}


def test_what_is_discarded_leaves_no_files(tmp_path: Path) -> None:
    run_script(
        HEAD
        + """
say("x")
def leave():
    preamble.fork_to("a")
    preamble.discard()
    preamble.discard()
    return os.listdir()
told["left"] = in_fork(leave)
assert sorted(told["left"]) == ["t1.err", "t1.out"], told
preamble.discard()
""",
        tmp_path,
    )
    assert list(tmp_path.iterdir()) == []


def test_writing_goes_on_until_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []

    def write_a_little(descriptor: int, text: bytes) -> int:
        assert descriptor == 7
        written.append(text[:3])
        return len(text[:3])

    monkeypatch.setattr("prewarm._preamble._write", write_a_little)
    write_all(7, b"0123456789")
    write_all(7, b"")
    assert written == [b"012", b"345", b"678", b"9"]
