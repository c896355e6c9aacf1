"""What a process that the program starts is likely to read: files and folders that its command names, and git's state.

Runs in the trunk until its tip. What a child process opens raises no event here; `docs/limits.md` says what stays unseen.
"""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from typing import Any

_fsdecode = os.fsdecode
_getcwd = os.getcwd
_stat = os.stat
_dirname = os.path.dirname
_join = os.path.join

#: The audit events by which programs start others with a command that says what they are to do.
STARTS = frozenset(("subprocess.Popen", "os.system", "os.posix_spawn"))

#: Shells, whose arguments are command lines themselves.
_SHELLS = frozenset("sh bash dash zsh ksh".split())

#: What changes with each commit, checkout and tag.
_GIT_FILES = ("HEAD", _join("logs", "HEAD"), "packed-refs")
_GIT_FOLDER = _join("refs", "tags")


def inputs_of(event: str, arguments: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    """`open` or `list`, and the absolute path, of all that is there. `arguments` are those of the audit event."""
    folder = _text(arguments[2]) if event == "subprocess.Popen" and arguments[2] else ""
    folder = os.path.abspath(folder or _getcwd())
    words = list(_words_of(event, arguments))
    for word in words:
        # `--config=FILE` names a file, too.
        for name in {word, word.partition("=")[2]} - {""}:
            path = os.path.abspath(_join(folder, name))
            kind = _kind_of(path)
            if kind is not None:
                yield kind, path
    if any(os.path.basename(word) == "git" for word in words):
        yield from _git_inputs(folder)


def _words_of(event: str, arguments: tuple[Any, ...]) -> Iterator[str]:
    if event == "os.system":
        yield from _split(_text(arguments[0]))
        return
    yield _text(arguments[0])
    command = arguments[1]
    if isinstance(command, (str, bytes, os.PathLike)):
        yield from _split(_text(command))
        return
    texts = [_text(each) for each in command or ()]
    is_shell = bool(texts) and os.path.basename(texts[0]) in _SHELLS
    for text in texts:
        if is_shell:
            yield from _split(text)
        else:
            yield text


def _git_inputs(folder: str) -> Iterator[tuple[str, str]]:
    while not os.path.isdir(_join(folder, ".git")):
        if _dirname(folder) == folder:
            return
        folder = _dirname(folder)
    for name in _GIT_FILES:
        yield "open", _join(folder, ".git", name)
    yield "list", _join(folder, ".git", _GIT_FOLDER)


def _kind_of(path: str) -> str | None:
    try:
        mode = _stat(path).st_mode
    except (OSError, ValueError):
        return None
    if stat.S_ISREG(mode):
        return "open"
    return "list" if stat.S_ISDIR(mode) else None


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


def _text(value: Any) -> str:
    try:
        return _fsdecode(value)
    except TypeError:
        return ""
