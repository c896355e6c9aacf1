import { describe, expect, test } from "vitest";
import { describeDoctor } from "../../../src/insight/describe-doctor.ts";
import { examine, type MachineFacts } from "../../../src/insight/doctor.ts";
import type { Deed, ImportFacts } from "../../../src/insight/import-facts.ts";

const FACTS: ImportFacts = {
  ...{ exit: 0, python: "3.12.4", pytest: "9.0.3", totalMs: 1000, tests: 3, modules: [], edges: [], deeds: [] },
  ...{ errors: [], notWarm: "", plugins: [], library: "/usr/lib/python3.12", root: "/p", functions: null },
};
const MACHINE: MachineFacts = {
  ...{ system: "linux", folders: 20, fileSystem: "ext4", isBindMount: false, availableBytes: 8 * 2 ** 30 },
  inotify: { watches: 10, mostWatches: 8192, instances: 2, mostInstances: 128 },
  ...{ daemon: { kind: "ours" }, stateFolder: "", lastPlain: "" },
};

const found = (facts: Partial<ImportFacts>, machine: Partial<MachineFacts> = {}) =>
  examine({ ...FACTS, ...facts }, { ...MACHINE, ...machine }).filter(({ level }) => level !== "fine");

const thread: Deed = {
  kind: "thread",
  frames: [
    ["/usr/lib/python3.12/threading.py", 992],
    ["/env/lib/python3.12/site-packages/statsd/client.py", 7],
    ["/p/src/shop/metrics.py", 14],
    ["/p/tests/conftest.py", 2],
  ],
  importing: ["conftest", "shop.metrics"],
  isLive: true,
};

test("nothing is in the way of a project that is fine", () => {
  expect(found({})).toEqual([]);
});

test("a plugin with which runs are plain pytest is named, with the option that it takes", () => {
  const plugins: ImportFacts["plugins"] = [
    ["pytest-instafail", "0.5.0"],
    ["pytest-mock", "3.14.0"],
  ];
  expect(found({ plugins })).toEqual([
    {
      ...{ level: "soon", topic: "plugins", remedy: "with --instafail" },
      text: "pytest-instafail 0.5.0 makes runs plain pytest",
    },
  ]);
});

describe("what an import leaves behind", () => {
  test("a thread is in the way, at the first line of the project that led to it", () => {
    expect(found({ deeds: [thread, thread] })).toMatchObject([
      {
        level: "in-the-way",
        topic: "threads",
        text: expect.stringMatching(/^src\/shop\/metrics\.py:14 \(in shop\.metrics\) starts a thread/),
      },
    ]);
  });

  test("a thread that has ended is not", () => {
    expect(found({ deeds: [{ ...thread, isLive: false }] })).toEqual([]);
  });

  test("a socket is shared, which need not matter", () => {
    expect(found({ deeds: [{ ...thread, kind: "socket" }] })).toMatchObject([{ level: "soon", topic: "sockets" }]);
  });
});

test.for([
  ["an old Python", { python: "3.8.10" }, "Python 3.8.10 is too old"],
  ["an old pytest", { pytest: "7.3.2" }, "pytest 7.3.2 is too old"],
  ["live logs", { notWarm: "live logs are on" }, "every run is plain pytest: live logs are on"],
  [
    "a library of the system that is missing",
    { errors: [["tests/test_db.py", "ImportError: libpq.so.5: cannot open shared object file: No such file"]] },
    "the system has no libpq.so.5, which an import needs",
  ],
] as const)("%s is in the way", ([, facts, text]) => {
  expect(found(facts)[0]).toMatchObject({ level: "in-the-way", text });
});

test("the package that has a well-known library is named, and how to find another", () => {
  const needs = (library: string) =>
    found({ errors: [["t.py", `OSError: ${library}: cannot open shared object file`]] })[0]?.remedy;
  expect(needs("libpq.so.5")).toBe("sudo apt-get install libpq5");
  expect(needs("libunheard.so.2")).toBe("apt-file search libunheard.so.2");
});

test("a library is found in the words of packages that look for it by themselves", () => {
  const told = (text: string) =>
    found({ errors: [["t.py", text]] })
      .filter(({ topic }) => topic === "libraries")
      .map((each) => `${each.text} → ${each.remedy}`);
  expect(told("ImportError: failed to find libmagic.  Check your installation")).toEqual([
    "the system has no libmagic, which an import needs → sudo apt-get install libmagic1",
  ]);
  expect(told("- couldn't import psycopg 'python' implementation: libpq library not found")).toEqual([
    "the system has no libpq library, which an import needs → sudo apt-get install libpq5",
  ]);
  expect(
    told("OSError: cannot load library 'libgobject-2.0-0': libgobject-2.0-0: cannot open shared object file"),
  ).toEqual(["the system has no libgobject-2.0-0, which an import needs → sudo apt-get install libglib2.0-0"]);
  expect(told("OSError: cannot load library 'libcairo.so.2': libcairo.so.2: cannot open shared object file")).toEqual([
    "the system has no libcairo.so.2, which an import needs → sudo apt-get install libcairo2",
  ]);
});

test("what a file that does not collect lacks is told: a part of Python, a program, a package", () => {
  const errors: ImportFacts["errors"] = [
    ["test_a.py", "E   ModuleNotFoundError: No module named '_sqlite3'"],
    ["test_b.py", "E   FileNotFoundError: [Errno 2] No such file or directory: 'dot'\nE   more"],
    ["test_c.py", "E   FileNotFoundError: [Errno 2] No such file or directory: 'data.json'"],
    ["test_d.py", "E   ModuleNotFoundError: No module named 'shop.cart'"],
  ];
  expect(found({ errors }).map(({ level, text, remedy }) => `${level}: ${text} → ${remedy}`)).toEqual([
    "in-the-way: this Python was built without _sqlite3, which an import needs → sudo apt-get install libsqlite3-dev, and build Python anew",
    "in-the-way: the system has no dot, which an import starts → apt-file search -x 'bin/dot$'",
    "soon: there is no module shop.cart, which an import needs → python -m pip install shop, or the package that has it; of the project's own: pythonpath in pytest's configuration",
    "soon: 4 files do not collect, test_a.py is one → prewarm run --no-daemon      shows why",
  ]);
});

test("a bind mount is named, and is nothing to mend where events are seen", () => {
  const texts = (machine: Partial<MachineFacts>) =>
    examine(FACTS, { ...MACHINE, ...machine })
      .filter(({ topic }) => topic === "files")
      .map(({ level, text }) => `${level}: ${text}`);
  expect(texts({ isBindMount: true })).toEqual(["fine: lie on ext4, a bind mount whose events are seen here"]);
  expect(texts({ isBindMount: true, fileSystem: "virtiofs" })).toEqual([
    "soon: the project lies on virtiofs, a bind mount: not every edit there sends an event",
  ]);
});

test.for([
  [
    "too few watches for the project",
    { inotify: { watches: 8180, mostWatches: 8192, instances: 2, mostInstances: 128 } },
    "watching",
  ],
  ["no instance left", { inotify: { watches: 0, mostWatches: 8192, instances: 127, mostInstances: 128 } }, "watching"],
  ["a network drive", { fileSystem: "nfs4" }, "files"],
  ["a folder of the host in a container", { fileSystem: "fuse.grpcfuse" }, "files"],
  ["little memory", { availableBytes: 100 * 2 ** 20 }, "memory"],
  ["an older daemon", { daemon: { kind: "other", version: "0.0.1", isNewer: false } }, "daemon"],
] as const)("%s costs something", ([, machine, topic]) => {
  expect(found({}, machine)).toMatchObject([{ level: "soon", topic, remedy: expect.stringMatching(/./) }]);
});

test.for([
  ["a daemon that does not answer", { daemon: { kind: "silent" } }],
  ["a newer daemon", { daemon: { kind: "other", version: "9.0.0", isNewer: true } }],
  ["a state folder that cannot be used", { stateFolder: "It belongs to somebody else." }],
  ["a system without fork", { system: "win32" }],
] as const)("%s is in the way", ([, machine]) => {
  expect(found({}, machine)).toMatchObject([{ level: "in-the-way" }]);
});

test("what is in the way comes first, each with its remedy, and all are counted", () => {
  const findings = examine(
    { ...FACTS, deeds: [thread] },
    { ...MACHINE, fileSystem: "nfs", daemon: { kind: "silent" } },
  );
  expect(describeDoctor(findings, false, [])).toEqual([
    "✗ threads     src/shop/metrics.py:14 (in shop.metrics) starts a thread that still runs",
    "              → start it on first use: what is imported after it is imported again for every run",
    "✗ daemon      does not answer",
    "              → prewarm stop",
    "? files       the project lies on nfs: not every edit there sends an event",
    "              → a local disk, or a named volume; until then files are looked at every half second while watching",
    "2 in the way · 1 soon · 8 fine (--all lists them, --fix does what is safe)",
  ]);
  expect(describeDoctor(findings, true, []).filter((line) => line.startsWith("✓"))).toHaveLength(8);
});
