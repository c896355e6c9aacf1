"""The one audit hook of a process."""

from __future__ import annotations

from script import run_script


def test_listeners_hear_what_they_asked_for_and_no_more() -> None:
    told = run_script("""
        from prewarm import _audit
        hooks = []
        sys.addaudithook(lambda event, arguments: hooks.append(event) if event == "sys.addaudithook" else None)
        heard = []
        def first(event, arguments):
            heard.append(["first", event, arguments[0], sys._getframe(2).f_code.co_name])
        def second(event, arguments):
            heard.append(["second", event])
        def raiser(event):
            sys.audit(event, 1)
        _audit.listen(["one", "two"], first)
        _audit.listen(["two"], second)
        for event in ("one", "two", "three"):
            raiser(event)
        _audit.ignore(first)
        raiser("one")
        raiser("two")
        told.update(heard=heard, hooks=len(hooks))
    """)
    assert told["heard"] == [
        ["first", "one", 1, "raiser"],
        ["first", "two", 1, "raiser"],
        ["second", "two"],
        ["second", "two"],
    ]
    assert told["hooks"] == 1
