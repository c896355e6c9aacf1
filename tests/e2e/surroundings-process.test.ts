// What a run takes over from the one who asks for it: environment, folder, umask, limits, signals.
import { mkdirSync } from "node:fs";
import { test } from "vitest";
import { interpreter } from "../rig/interpreter.ts";
import { ColdAndWarm } from "../rig/same-as-cold.ts";

const SHOWS = `
import locale
import os
import random
import resource
import signal
import sys
import time

import lib


def test_shows(capsys):
    umask = os.umask(0)
    os.umask(umask)
    shown = [
        lib.MODE,
        lib.SET_BY_LIB,
        sorted(name for name in os.environ if not name.startswith(("PREWARM", "PYTHON"))),
        [os.environ.get(name) for name in ("MODE", "OTHER", "TZ", "LANG", "PWD", "SET_BY_LIB")],
        os.getcwd(),
        umask,
        [resource.getrlimit(getattr(resource, name)) for name in ("RLIMIT_NOFILE", "RLIMIT_CORE", "RLIMIT_AS")],
        time.tzname,
        locale.getpreferredencoding(False),
        [sys.stdin.isatty(), sys.__stdout__.encoding, sys.__stdout__.errors, sys.getfilesystemencoding()],
        [sys.argv, sys.path, sys.flags.utf8_mode, sys.flags.hash_randomization, sys.getrecursionlimit()],
        [str(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGTERM, signal.SIGHUP)],
        sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        signal.getitimer(signal.ITIMER_REAL),
        [os.get_inheritable(descriptor) for descriptor in (0, 1, 2)],
        [sys.gettrace(), sys.getprofile(), sys.excepthook is sys.__excepthook__],
    ]
    with capsys.disabled():
        for each in shown:
            print(each)
`;
const LIB = `
import os

MODE = os.environ.get("MODE", "none")
os.environ["SET_BY_LIB"] = "lib"
SET_BY_LIB = os.environ["SET_BY_LIB"]
`;
const FILES = { "lib.py": LIB, "test_shows.py": SHOWS, "inner/nothing.txt": "" };

test("environment variables: read at import, not read, unset, set by the project, read by C code", async () => {
  await using twins = new ColdAndWarm(FILES);
  const { MODE, OTHER, BOTH } = { MODE: { MODE: "a" }, OTHER: { OTHER: "b" }, BOTH: { MODE: "a", OTHER: "c" } };
  for (const env of [
    {},
    OTHER,
    MODE,
    BOTH,
    {},
    { MODE: "" },
    { SET_BY_LIB: "mine" },
    { TZ: "Asia/Tokyo" },
    { LC_ALL: "C" },
    {},
  ]) {
    await twins.same("", { env });
  }
});

test("working directory, and one that was made anew", async () => {
  await using twins = new ColdAndWarm(FILES);
  await twins.same();
  await twins.same("../test_shows.py", { cwd: "inner" });
  twins.project.remove("inner");
  mkdirSync(twins.project.at("inner"));
  await twins.same("../test_shows.py", { cwd: "inner" });
});

test("umask and resource limits", async () => {
  await using twins = new ColdAndWarm(FILES);
  const wrap = (before: string) => ({
    wrap: [interpreter, "-c", `import os, resource, sys; ${before}; os.execvp(sys.argv[1], sys.argv[1:])`],
  });
  await twins.same();
  await twins.same("", wrap("os.umask(0o077)"));
  await twins.same("", wrap("resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))"));
  await twins.same("", wrap("resource.setrlimit(resource.RLIMIT_CORE, (0, 0))"));
  await twins.same();
});
