"""Programs that are no pytest: their streams, and what stands against a checkpoint."""

from __future__ import annotations

from script import run_script


def test_streams_are_as_python_makes_them_and_what_was_written_can_be_repeated() -> None:
    told = run_script("""
        from prewarm._program_streams import Transcript, watch_streams

        reads = []
        read_end, write_end = os.pipe()
        os.write(write_end, b"one\\ntwo\\n")
        os.close(write_end)
        os.dup2(read_end, 0)
        copy, target = os.pipe()
        os.dup2(target, 1)

        def look(stream):
            raw = getattr(stream.buffer, "raw", stream.buffer)
            kinds = [type(each).__name__ for each in (stream, stream.buffer, raw)]
            facts = [stream.name, stream.mode, stream.encoding, stream.errors, stream.line_buffering]
            return [*kinds, *facts, stream.write_through, stream.newlines, stream.fileno(), raw.name, raw.mode]

        names = ("stdin", "stdout", "stderr")
        told["plain"] = [look(getattr(sys, name)) for name in names]
        transcript = Transcript()
        watch_streams(transcript, lambda: reads.append(1))
        told["watched"] = [look(getattr(sys, name)) for name in names]
        told["original"] = sys.__stdout__ is sys.stdout
        print("shown", flush=True)
        told["before"] = len(reads)
        told["line"] = sys.stdin.readline()
        told["after"] = len(reads)
        transcript.repeat()
        transcript.forget()
        print("late", flush=True)
        told["shown"] = os.read(copy, 100).decode()
        told["whole"] = transcript.is_whole
    """)
    assert told["watched"] == told["plain"]
    assert told["original"] is True
    assert (told["before"], told["line"]) == (0, "one\n")
    assert told["after"] > 0
    assert told["shown"] == "shown\nshown\nlate\n"
    assert told["whole"] is True


def test_what_a_fork_would_lose_or_share_is_named_and_nothing_else() -> None:
    told = run_script("""
        import signal, socket, subprocess
        from prewarm._program_company import is_in_a_test, open_inodes, what_a_fork_would_lose

        inherited = open_inodes()
        look = lambda own=(): what_a_fork_would_lose(inherited, set(own))
        told["nothing"] = look()
        with open(__file__ if "__file__" in globals() else os.devnull):
            told["file"] = look()
        with socket.socket() as sock:
            told["socket"] = look()
            told["own"] = look([sock.fileno()])
        ends = os.pipe()
        told["pipe"] = look()
        for end in ends:
            os.close(end)
        child = subprocess.Popen([sys.executable, "-c", ""])
        told["child"] = look()
        child.wait()
        signal.setitimer(signal.ITIMER_REAL, 1000)
        told["timer"] = look()
        signal.setitimer(signal.ITIMER_REAL, 0)
        told["again"] = look()
        import unittest

        class Looks(unittest.TestCase):
            def test(self):
                told["test"] = is_in_a_test()

        told["no test"] = is_in_a_test()
        unittest.TextTestRunner(stream=open(os.devnull, "w")).run(Looks("test"))
    """)
    assert told == {
        "nothing": "",
        "file": "",
        "socket": "a socket is open",
        "own": "",
        "pipe": "a pipe is open",
        "child": "a process is running that the program has started",
        "timer": "a timer runs",
        "again": "",
        "no test": False,
        "test": True,
    }
