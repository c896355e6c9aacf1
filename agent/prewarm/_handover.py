"""Hands a pytest command over to the project's daemon, and stands in for it until its end. PYTEST_DONT_REWRITE

Runs in the client (`pytest --prewarm`) only: a plain pytest process in which nothing of the project has been imported.
What the daemon cannot do is said in one line, and this process goes on as plain pytest.
"""

from __future__ import annotations

import base64
import os
import signal
import socket
import sys
from typing import Any, NoReturn

from prewarm import _start_daemon, _state_folder
from prewarm._launchers import Launcher, NotHere, find_launcher, is_inside_a_run
from prewarm._wire import Channel, FrameError

#: As in `src/protocol/api.ts`.
API_VERSION = 12

_LONGEST_HELLO_SECONDS = 15.0
_INTERRUPTED = 130
# What a shell shows for a program that the closing of its pipe has ended.
_READER_GONE = 141
_LEFT = 70

Message = dict[str, Any]


def hand_over(config: Any) -> None:
    """Runs this command in the daemon and ends the process with its exit code; returns where plain pytest has to run."""
    if is_inside_a_run():
        return
    try:
        launcher = find_launcher(config.invocation_params.plugins)
        channel = _reach_daemon()
        code = _Conversation(channel).run(_request(config, launcher))
    except NotHere as refusal:
        _say(f"prewarm: this is plain pytest: {refusal} (next: {refusal.next_step})")
        return
    _end(code, launcher)


def _reach_daemon() -> Channel:
    """A connection with a daemon that speaks our language; starts one where none does."""
    if os.name != "posix" or not hasattr(socket, "AF_UNIX"):
        raise NotHere("Windows has no fork", "PREWARM_DISABLE=1 for good")
    user = os.getuid()
    try:
        folder = _state_folder.state_folder(
            _state_folder.project_root(os.getcwd()), os.environ, user
        )
        is_there = _state_folder.check(folder, user)
    except (_state_folder.Refused, OSError) as error:
        raise NotHere(str(error), "PREWARM_STATE_DIR=FOLDER, a folder of your own") from None
    channel, spoken = _greet(folder.socket) if is_there else (None, None)
    if channel is None:
        _start_daemon.start()
        channel, spoken = _greet(folder.socket)
    if channel is not None:
        return channel
    if spoken is not None:
        raise NotHere(
            f"the daemon is prewarm {spoken}, which this package does not understand",
            f"pip install prewarm=={spoken}",
        )
    raise NotHere("the daemon does not answer", "prewarm logs")


def _greet(path: str) -> tuple[Channel | None, str | None]:
    """A connection where a daemon greets in our language; else the version of the one that greets in another."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(path)
        channel = Channel(connection)
        channel.send({"type": "hello", "client": True, "api": API_VERSION, "version": "pytest"})
        hello = channel.receive(_LONGEST_HELLO_SECONDS)
    except (OSError, FrameError):
        connection.close()
        return None, None
    if hello is None or hello.get("type") != "hello":
        channel.close()
        return None, None
    if hello.get("api") != API_VERSION:
        channel.close()
        return None, str(hello.get("version"))
    return channel, None


def _request(config: Any, launcher: Launcher) -> Message:
    env = dict(os.environ)
    # pytest has set it by now, and does so again where it runs.
    env.pop("PYTEST_VERSION", None)
    umask = os.umask(0)
    os.umask(umask)
    launch: Message = {
        "python": sys.executable,
        "script": launcher.script,
        "isModule": launcher.is_module,
        "args": _without_own_flags([os.fspath(word) for word in config.invocation_params.args]),
    }
    if not launcher.is_last:
        launch["argv"] = sys.argv[1:]
    if launcher.program is not None:
        launch["program"] = launcher.program
    where = config.known_args_namespace.prewarm_on
    return {
        "type": "run",
        **({"settings": {"on": where}} if where else {}),
        "launch": launch,
        "requester": {
            "pid": os.getpid(),
            "cwd": os.getcwd(),
            "env": env,
            "umask": umask,
            "terminals": _terminals(),
        },
        "watch": False,
        "all": False,
        "events": False,
        "native": True,
        "plain": "",
    }


def _without_own_flags(words: list[str]) -> list[str]:
    end = words.index("--") if "--" in words else len(words)
    kept: list[str] = []
    rest = iter(words[:end])
    for word in rest:
        if word == "--prewarm-on":
            next(rest, None)
        elif word != "--prewarm" and not word.startswith("--prewarm-on="):
            kept.append(word)
    return kept + words[end:]


def _terminals() -> dict[str, str]:
    """The devices of the streams that are terminals: pytest opens them itself. Other systems do not tell them apart."""
    found: dict[str, str] = {}
    if not sys.platform.startswith("linux"):
        return found
    for name, descriptor in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        try:
            device = os.readlink(f"/proc/self/fd/{descriptor}") if os.isatty(descriptor) else ""
        except OSError:
            continue
        # In another mount namespace the name may belong to nothing, or to another terminal.
        if device.startswith("/dev/"):
            found[name] = device
    return found


class _Conversation:
    """One run: what it writes comes out here, and ctrl-c goes there."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._interrupts = 0
        self._is_in_debugger = False
        #: Whether a test may have run, or anything may have been shown: from then on there is no way back.
        self._has_begun = False

    def run(self, request: Message) -> int:
        """The exit code. Raises NotHere where the daemon has left before pytest has begun."""
        _flush()
        if signal.getsignal(signal.SIGINT) not in (signal.SIG_IGN, None):
            signal.signal(signal.SIGINT, self._interrupt)
        try:
            self._channel.send(request)
            if request["requester"]["terminals"]:
                self._pass_on_terminal()
            return self._follow()
        except (OSError, FrameError) as error:
            return self._left(str(error))

    def _follow(self) -> int:
        while True:
            message = self._channel.receive()
            if message is None:
                return self._left("")
            kind = message["type"]
            if kind == "output":
                self._has_begun = True
                _write(1 if message["stream"] == "stdout" else 2, base64.b64decode(message["data"]))
            elif kind == "progress":
                self._has_begun = self._has_begun or message["text"] == ""
            elif kind == "event":
                self._heard(message["event"])
            elif kind == "finished":
                return self._finished(message)
            elif kind == "failed":
                return self._failed(message["problem"])

    def _heard(self, event: Message) -> None:
        if event["type"] == "warning":
            _say(_problem(f"warning[{event['code']}]", event["text"], event["next"]))
        elif event["type"] == "debugger":
            self._is_in_debugger = event["place"] is not None

    def _finished(self, message: Message) -> int:
        problem = message["problem"]
        if problem is not None:
            _say(_problem(f"error[{problem['code']}]", problem["sentence"], problem["next"]))
        code = message["record"]["exit"]
        if code is None:
            code = _INTERRUPTED if problem is None else problem["exit"]
        return int(code)

    def _failed(self, problem: Message) -> int:
        if not self._has_begun:
            self._take_back()
            raise NotHere(problem["sentence"].rstrip("."), problem["next"])
        _say(_problem(f"error[{problem['code']}]", problem["sentence"], problem["next"]))
        return int(problem["exit"])

    def _left(self, reason: str) -> int:
        if not self._has_begun:
            self._take_back()
            raise NotHere("the daemon has left before the first test", "prewarm logs")
        why = f" ({reason})" if reason else ""
        sentence = f"The daemon has left during the run{why}: there is no verdict."
        _say("\n" + _problem("error[daemon-left]", sentence, "prewarm logs"))
        return _LEFT

    def _take_back(self) -> None:
        if self._interrupts:
            os._exit(_INTERRUPTED)
        if signal.getsignal(signal.SIGINT) == self._interrupt:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        for terminal_signal in (signal.SIGWINCH, signal.SIGTSTP, signal.SIGCONT):
            if callable(signal.getsignal(terminal_signal)):
                signal.signal(terminal_signal, signal.SIG_DFL)

    def _interrupt(self, _signal: int, _frame: object) -> None:
        """The first ctrl-c lets pytest end and report, the second ends this command at once; a debugger gets all."""
        self._interrupts += not self._is_in_debugger
        if self._interrupts > 1:
            os._exit(_INTERRUPTED)
        self._channel.send({"type": "interrupt"})

    def _pass_on_terminal(self) -> None:
        """What the terminal tells this process alone: its size changes, ctrl-z stops it, its shell lets it go on."""

        def tell(change: str) -> None:
            self._channel.send({"type": "terminal", "change": change})

        def resized(_signal: int, _frame: object) -> None:
            tell("resized")

        def suspended(_signal: int, _frame: object) -> None:
            tell("suspended")
            os.kill(os.getpid(), signal.SIGSTOP)

        def resumed(_signal: int, _frame: object) -> None:
            tell("resumed")
            tell("resized")

        signal.signal(signal.SIGWINCH, resized)
        signal.signal(signal.SIGTSTP, suspended)
        signal.signal(signal.SIGCONT, resumed)


def _problem(head: str, sentence: str, next_step: str) -> str:
    return f"prewarm: {head} {sentence}" + (f"\n   next: {next_step}" if next_step else "")


def _say(text: str) -> None:
    _flush()
    _write(2, f"{text}\n".encode("utf-8", "backslashreplace"))


def _write(descriptor: int, data: bytes) -> None:
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except BrokenPipeError:
        os._exit(_READER_GONE)
    except OSError:
        # A closed standard error is no reason to end.
        if descriptor == 1:
            os._exit(_READER_GONE)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass


def _end(code: int, launcher: Launcher) -> NoReturn:
    if launcher.is_last:
        # Nothing was begun here that would have to be ended, and nothing of pytest's may print another summary.
        os._exit(code & 0xFF)
    import warnings

    # Until pytest 8, pluggy warns of what leaves pytest in this way.
    warnings.simplefilter("ignore")
    raise SystemExit(code if launcher.keeps_exit else 0)
