import type { AgentMessage, AgentOrder, ResumeOrder, RunOrder } from "../../../src/protocol/agent-messages.ts";
import type { ApiAnswer, ApiRequest } from "../../../src/protocol/api.ts";
import type { RunRecord } from "../../../src/protocol/events.ts";
import type { NodeId, RunId } from "../../../src/protocol/ids.ts";

/** Examples of one direction: at least one of each type, the compiler vouching for every member. */
type Examples<Message extends { readonly type: string }> = {
  readonly [Type in Message["type"]]: readonly [OfType<Message, Type>, ...OfType<Message, Type>[]];
};

type OfType<Message extends { readonly type: string }, Type> = Message extends unknown
  ? Type extends Message["type"]
    ? Message & { readonly type: Type }
    : never
  : never;

const run: RunOrder = {
  type: "run",
  id: "l7",
  args: ["-x", "tests/test_cart.py::test_total[2]"],
  env: { LANG: "C.UTF-8", NAMES: "naïve \udce9", EMPTY: "" },
  umask: 18,
  requesterPid: 4711,
  terminals: { stdin: "/dev/pts/3", stdout: "/dev/pts/3" },
  choice: { ids: null, path: "", name: "" },
  native: true,
  isHeld: false,
  isWatched: true,
  workers: { count: "auto", dist: "loadfile" },
};

const resume: ResumeOrder & { type: "resume" } = {
  type: "resume",
  id: "c4",
  cuts: { files: ["/shop/cart.py"], conftests: true, firstModule: true, firstTest: true },
  edited: ["/shop/cart.py"],
  env: { LANG: "C.UTF-8" },
  args: null,
  leads: false,
};

const start: Extract<AgentOrder, { type: "start" }> = {
  type: "start",
  args: ["-q", "tests"],
  script: "/venv/bin/pytest",
  isModule: false,
  umask: 18,
  stateFolder: "/run/prewarm/shop",
  cuts: { files: [], conftests: true, firstModule: true, firstTest: true },
  edited: ["/shop/cart.py"],
  ahead: {
    modules: [
      ["numpy", "/venv/lib/python3.12/site-packages/numpy/__init__.py"],
      ["google", null],
    ],
    never: ["pytest_mock"],
  },
  workarounds: ["shop.search=shop.forks:reopen_index", "numpy.random="],
  plain: null,
};

/** From the daemon to a Python process. */
export const orders: Examples<AgentOrder> = {
  start: [start, { ...start, isModule: true, plain: run }],
  resume: [resume, { ...resume, leads: true }],
  grow: [{ ...resume, type: "grow", args: ["/shop/tests/test_cart.py"] }],
  run: [
    run,
    {
      ...run,
      terminals: {},
      native: false,
      isHeld: true,
      choice: { ids: ["tests/test_cart.py::test_total[2]"], path: "", name: "" },
    },
    { ...run, choice: { ids: null, path: "cart", name: "total and not slow" } },
  ],
  go: [{ type: "go" }],
  patch: [{ type: "patch", id: "p9", files: ["/shop/cart.py"], leads: true }],
  ready: [{ type: "ready", id: "c5", args: ["-q", "tests"] }],
  debug: [{ type: "debug" }],
  spare: [{ type: "spare", id: "s2", args: ["-q"] }],
  select: [
    { type: "select", places: [2, 0] },
    { type: "select", places: null },
  ],
  read: [{ type: "read", ask: 1, paths: ["/shop/cart.py"] }],
  workers: [
    { type: "workers", names: ["gw0", "gw1"], count: 2 },
    { type: "workers", names: [], count: 0 },
  ],
  assign: [{ type: "assign", worker: "gw1", places: [3, 0], isLast: true }],
  warm: [
    { type: "warm", value: "6QEAAAA=" },
    { type: "warm", value: null },
  ],
  stop: [{ type: "stop", reason: "9 workers were lost: no more are started" }],
  relayed: [{ type: "relayed", worker: "gw1", text: '["done",3,0.25]', isLast: true }],
  gone: [{ type: "gone", worker: "gw1", how: "was lost with the node local-1" }],
  repeated: [{ type: "repeated", places: [3, 0] }],
  "end-workers": [{ type: "end-workers", how: "interrupt" }],
  over: [{ type: "over" }],
  reap: [{ type: "reap", pid: 4712 }],
  welcome: [{ type: "welcome" }],
  exit: [{ type: "exit" }],
};

/** From a Python process to the daemon. */
export const messages: Examples<AgentMessage> = {
  hello: [{ type: "hello", protocol: 18, role: "trunk", id: "t1", pid: 4712 }],
  timeline: [
    {
      type: "timeline",
      first: 0,
      events: [
        ["library", "numpy", "/venv/lib/python3.12/site-packages/numpy/__init__.py", 1.5, "0", 0, "0", "0"],
        ["rewritten", "pytest_mock", "/venv/lib/python3.12/site-packages/pytest_mock/__init__.py", 2, "0", 0, "0", "0"],
        ["library", "builtins", null, 2.25, "0", 0, "0", "0"],
        ["search", "/shop/lib", null, 2.5, "0", 0, "0", "0"],
        ["missing", "simplejson", null, 3, "0", -1, "0", "0"],
        [
          "conftest",
          "/shop/conftest.py",
          "/shop/conftest.py",
          4,
          "1700000000123456789",
          20,
          "99",
          "1700000000123456789",
        ],
        ["module", "shop.cart", "/shop/shop/cart.py", 5, "1700000000123456789", 812, "100", "1700000000123456789"],
        ["testfile", "tests/test_cart.py", "/shop/tests/test_cart.py", 6, "1700000000123456789", 64, "101", "0"],
        ["made", "/shop/shop.log", null, 6.5, "0", 0, "0", "0"],
        ["open", "/shop/caf\udce9.json", "/shop/caf\udce9.json", 7, "0", -1, "0", "0"],
        ["list", "/shop/data", null, 8, "0", 0, "da39a3ee5e6b4b0d3255bfef95601890afd80709", "0"],
        ["presence", "/shop/.env", null, 8.5, "0", 0, "nothing", "0"],
        ["patched", "shop.cart", "/shop/shop/cart.py", 9, "1700000000123456789", 812, "100", "1700000000123456789"],
        ["env", "SHOP_CURRENCY", null, 9.125, "0", -1, "0", "0"],
        ["changed", "/shop/data/rates.json", null, 9.5, "0", 0, "0", "0"],
        ["database", "shop.stock", "/shop/shop.db", 9.75, "0", 0, "nothing", "0"],
        ["left", "file", "/shop/made.json", 10, "1700000000123456789", 2, "102", "1700000000123456789"],
        ["left", "database", "/shop/shop.db", 10, "1700000000123456789", 8192, "103", "1700000000123456789", ""],
        ["left", "file", "/shop/shop.log", 10, "0", -2, "0", "0"],
      ],
    },
  ],
  parked: [
    {
      type: "parked",
      at: { kind: "conftest", name: "/shop/conftest.py", path: "/shop/conftest.py", index: 4, atMs: 4 },
      child: "t1.1",
    },
    { type: "parked", at: { kind: "start", name: "pytest", path: null, index: 0, atMs: 0.25 }, child: "t1.2" },
  ],
  unparked: [{ type: "unparked", child: "t1.1", reason: "[Errno 11] Resource temporarily unavailable" }],
  tip: [
    {
      type: "tip",
      index: 10,
      atMs: 412.5,
      isSafe: true,
      obstacle: null,
      made: [["/shop/tmp/scratch", 8]],
      failed: ["simplejson"],
      notAhead: null,
      root: "/shop",
      configFile: "/shop/pytest.ini",
      pytest: "9.2.0",
      python: "3.12.4",
    },
    {
      type: "tip",
      index: 10,
      atMs: 412.5,
      isSafe: false,
      obstacle: "/shop/shop/clock.py:3 starts a thread",
      made: [],
      failed: [],
      notAhead: "importing causes warnings",
      root: "/shop",
      configFile: null,
      pytest: "7.4.4",
      python: "3.9.19",
    },
  ],
  patched: [
    { type: "patched", files: [{ path: "/shop/cart.py", class: "body", what: "body of total()", functions: 1 }] },
  ],
  "not-patched": [
    {
      type: "not-patched",
      path: "/shop/cart.py",
      class: "body",
      what: "body of total()",
      reason: "total() was called before the first test",
    },
  ],
  "no-pytest": [{ type: "no-pytest", reason: "No module named 'pytest'" }],
  "not-warm": [{ type: "not-warm", reason: "option help reports on the start of pytest" }],
  "not-ahead": [{ type: "not-ahead", reason: "numpy comes from another file" }],
  "no-checkpoint": [{ type: "no-checkpoint", before: "shop.cart", reason: "a socket is open" }],
  "ended-early": [{ type: "ended-early", exit: 4, stdout: "", stderr: "RVJST1I6IG5vCg==" }],
  refused: [{ type: "refused", reason: "option keyword acts before or while collecting" }],
  leading: [{ type: "leading" }],
  collected: [
    {
      type: "collected",
      ids: ["tests/test_cart.py::test_total[1]", "tests/test_cart.py::test_total[é]"],
      isLast: false,
    },
    { type: "collected", ids: [], isLast: true },
  ],
  "collect-failed": [{ type: "collect-failed", id: "tests/test_tax.py", text: "E   SyntaxError: invalid syntax" }],
  choosing: [{ type: "choosing", ids: ["tests/test_cart.py::test_total[1]"], isLast: true }],
  names: [
    { type: "names", names: ["/shop/cart.py::Cart.total", "/shop/tests/cart.json\n1700000000000000000 12 7 3"] },
    { type: "names", names: ["/shop/cart.py::Cart.total"], worker: "gw1" },
  ],
  "ran-outside": [
    { type: "ran-outside", functions: [0, 1] },
    { type: "ran-outside", functions: [0, 1], worker: "gw1" },
  ],
  depends: [
    {
      type: "depends",
      id: "tests/test_cart.py::test_total[1]",
      functions: [0, 1],
      opened: [1],
      loaded: [],
      always: "",
    },
    {
      type: "depends",
      id: "tests/test_cart.py::test_total[2]",
      functions: null,
      opened: [],
      loaded: [],
      always: "starts another process",
    },
    {
      type: "depends",
      id: "tests/test_cart.py::test_total[2]",
      functions: [0, 1],
      opened: [],
      loaded: [],
      always: "",
      worker: "gw1",
    },
  ],
  held: [
    { type: "held", functions: [0, 1] },
    { type: "held", functions: [0, 1], worker: "gw1" },
  ],
  released: [{ type: "released" }, { type: "released", worker: "gw1" }],
  owned: [
    { type: "owned", ids: ["tests/test_cart.py::test_total[1]"], functions: [0, 1], opened: [1], always: "" },
    {
      type: "owned",
      ids: ["tests/test_cart.py::test_total[2]"],
      functions: [0, 1],
      opened: [],
      always: "",
      worker: "gw1",
    },
  ],
  recorded: [
    { type: "recorded", made: ["/shop/cache.json"] },
    { type: "recorded", made: [], worker: "gw1" },
  ],
  sources: [
    {
      type: "sources",
      ask: 1,
      sources: [
        {
          path: "/shop/cart.py",
          version: "1700000000000000000 12 7 3",
          module: "0f",
          functions: { "Cart.total": "1e" },
          imports: ["shop.money", ".tax"],
          strings: ["shop.plugins"],
          dynamic: "line 3: import_module()",
          left: { digest: "2d", places: ["*", "shop.registry"], reason: "line 7" },
          keepers: ["Cart.add"],
        },
        {
          path: "/shop/gone.py",
          version: "nothing",
          module: null,
          functions: {},
          imports: [],
          strings: [],
          dynamic: "",
          left: { digest: "", places: [], reason: "" },
          keepers: [],
        },
      ],
      isLast: true,
    },
  ],
  started: [{ type: "started", id: "tests/test_cart.py::test_total[1]" }],
  finished: [
    { type: "finished", id: "tests/test_cart.py::test_total[2]", outcome: "passed", durationMs: 0.5, worker: "gw0" },
    { type: "finished", id: "tests/test_cart.py::test_total[1]", outcome: "passed", durationMs: 0.125 },
    {
      type: "finished",
      id: "tests/test_cart.py::test_total[é]",
      outcome: "failed",
      durationMs: 3,
      text: "E   assert 3 == 4",
    },
  ],
  repeated: [{ type: "repeated", exit: 1 }],
  measured: [
    {
      type: "measured",
      id: "tests/test_cart.py::test_total[1]",
      worker: "gw0",
      startMs: 81_234.5,
      phases: [
        [12.5, 2.25],
        [100, 0.5],
        [0.125, 0.125],
      ],
      fixtures: [["db", "/shop/tests/conftest.py", 22, "module", 12, 2]],
      profile: [["<built-in method time.sleep>", "/shop/mail.py", 40, 2, 99.5]],
    },
    {
      type: "measured",
      id: "tests/test_cart.py::test_total[2]",
      worker: "",
      startMs: 0,
      phases: [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      fixtures: [],
      profile: [],
    },
  ],
  executed: [
    {
      type: "executed",
      id: "tests/test_cart.py::test_total[1]",
      files: ["/shop/cart.py"],
      startsProcesses: false,
    },
  ],
  parallel: [
    { type: "parallel", workers: "auto", dist: "", most: 0, restarts: -1, isGuarded: false, scopes: [0, 0, 1] },
  ],
  worked: [
    {
      type: "worked",
      worker: "gw0",
      done: 2,
      busyMs: 12.5,
      tests: [
        [3, "passed", 6.25],
        [0, "skipped", 0.5],
      ],
      running: 1,
    },
    { type: "worked", worker: "gw1", done: 1, busyMs: 1, tests: [], running: null },
  ],
  "worker-lost": [
    { type: "worker-lost", worker: "gw0", how: "was ended by SIGSEGV", place: 4 },
    { type: "worker-lost", worker: "gw1", how: "left with exit code 3", place: null },
  ],
  "worker-left": [{ type: "worker-left", worker: "gw1" }],
  "end-workers": [{ type: "end-workers", how: "stop" }],
  relayed: [{ type: "relayed", worker: "gw1", text: '["bye"]', isLast: true }],
  "workers-left": [{ type: "workers-left" }],
  "not-on-node": [{ type: "not-on-node", reason: "threads are alive when its tests would run" }],
  debugging: [
    { type: "debugging", place: "tests/test_cart.py:31", asks: true },
    {
      ...{ type: "debugging", place: "tests/test_cart.py:31", asks: false },
      ...{ worker: "gw1", test: "tests/test_cart.py::test_total", waiting: 1 },
    },
  ],
  debugged: [{ type: "debugged" }],
  "warm-ask": [{ type: "warm-ask", key: "conftest:server:0", fingerprint: "9f86d081", isUnwell: false }],
  "warm-failed": [{ type: "warm-failed", key: "conftest:server:0" }],
  hosting: [{ type: "hosting", key: "conftest:server:0", fingerprint: "9f86d081", value: "6QEAAAA=" }],
  leaked: [
    {
      type: "leaked",
      leaks: [
        {
          kind: "process",
          what: "sleep 60",
          owner: "tests/test_cart.py::test_total",
          line: "tests/test_cart.py:14",
        },
        { kind: "socket", what: "", owner: "fixture server", line: "" },
      ],
      more: 0,
    },
  ],
  "workaround-failed": [
    { type: "workaround-failed", failures: ["reopen_index: OSError: no such index (/shop/forks.py:12)"] },
  ],
  ended: [{ type: "ended", exit: 1, newFiles: 0 }],
  reaped: [
    { type: "reaped", pid: 4713, exit: 0, signal: null },
    { type: "reaped", pid: 4714, exit: null, signal: 9 },
  ],
};

/** From the command line to the daemon. */
export const requests: Examples<ApiRequest> = {
  hello: [{ type: "hello", client: true, api: 12, version: "0.1.0" }],
  run: [
    {
      type: "run",
      launch: { python: "/venv/bin/python", script: "/venv/bin/pytest", isModule: false, args: ["-q"] },
      requester: {
        pid: 4711,
        cwd: "/shop",
        env: { LANG: "C.UTF-8", NAMES: "naïve \udce9" },
        umask: 18,
        terminals: { stdin: "/dev/pts/3", stderr: "/dev/pts/3" },
      },
      watch: false,
      all: false,
      events: true,
      native: true,
      plain: "",
      choice: { ids: ["tests/test_cart.py::test_total[2]"], path: "", name: "" },
      affected: "only",
      workers: { count: "auto", dist: "" },
      measure: "times",
    },
  ],
  "node-order": [{ type: "node-order", order: { type: "assign", worker: "gw1", places: [3, 0], isLast: true } }],
  ping: [{ type: "ping" }],
  again: [
    { type: "again", choice: { ids: ["tests/test_cart.py::test_total[2]"], path: "", name: "" } },
    { type: "again", choice: { ids: null, path: "cart", name: "total and not slow" } },
  ],
  interrupt: [{ type: "interrupt" }],
  signal: [{ type: "signal", signal: "SIGTERM" }],
  debug: [{ type: "debug" }],
  terminal: [{ type: "terminal", change: "suspended" }],
  greeted: [{ type: "greeted" }],
  status: [{ type: "status" }],
  why: [
    { type: "why", about: "tests/test_cart.py::test_total" },
    { type: "why", about: "" },
  ],
  failures: [{ type: "failures" }],
  "serve-http": [
    {
      type: "serve-http",
      port: 0,
      token: "u4zq7Jc1VZ2mYw0tH8sQnX5kLrB3dE9a",
      settings: { editor: "code -g {file}:{line}" },
      launch: { python: "/venv/bin/python", script: "/venv/bin/pytest", isModule: false, args: ["-q"] },
      requester: { pid: 4711, cwd: "/shop", env: { LANG: "C.UTF-8" }, umask: 18, terminals: {} },
      workers: { count: "auto", dist: "" },
    },
  ],
  past: [{ type: "past" }],
  "last-run": [{ type: "last-run" }],
  restart: [{ type: "restart" }],
  stop: [{ type: "stop" }],
};

const record: RunRecord = {
  exit: 1,
  way: "resumed",
  reason: "shop/cart.py modified",
  durationMs: 84.5,
  firstTestMs: 41,
  tests: 2,
  modules: 12,
  coldMs: 912,
  unfinished: 0,
};
const test = "tests/test_cart.py::test_total[1]" as NodeId;

/** From the daemon to the command line. */
export const answers: Examples<ApiAnswer> = {
  hello: [{ type: "hello", api: 12, version: "0.1.0", pid: 4710 }],
  output: [{ type: "output", stream: "stderr", data: "RVJST1I6IG5vCg==" }],
  progress: [{ type: "progress", text: "starting · shop/cart.py is importing numpy" }],
  event: [
    {
      type: "event",
      event: {
        type: "edit",
        files: [{ path: "shop/cart.py", kind: "modified" }],
        writtenMs: 1_700_000_000_123.5,
      },
    },
    {
      type: "event",
      event: { type: "edit", files: [{ path: "shop/tax.py", kind: "deleted" }], writtenMs: null },
    },
    {
      type: "event",
      event: { type: "run-started", run: "r2" as RunId, way: record.way, reason: record.reason, selection: "all" },
    },
    { type: "event", event: { type: "collected", ids: [test] } },
    { type: "event", event: { type: "collect-failed", id: "tests/test_tax.py", text: "E   SyntaxError" } },
    { type: "event", event: { type: "test-started", id: test } },
    { type: "event", event: { type: "test-finished", id: test, outcome: "failed", durationMs: 3, text: "E   assert" } },
    {
      type: "event",
      event: {
        type: "warning",
        code: "thread-at-import",
        text: "shop/clock.py:3 starts a thread",
        next: "start it later",
      },
    },
    { type: "event", event: { type: "watching", files: 1_204 } },
    {
      type: "event",
      event: { type: "debugger", place: "tests/test_cart.py:31", id: "tests/test_cart.py::test_total" as NodeId },
    },
    { type: "event", event: { type: "run-finished", run: "r2" as RunId, record } },
  ],
  finished: [
    { type: "finished", record, problem: null, greeted: true, ttlMs: 1_800_000 },
    {
      type: "finished",
      record: { ...record, exit: null, firstTestMs: null, coldMs: null, unfinished: 2 },
      problem: { code: "worker-died", sentence: "The run was killed by signal 9.", next: "prewarm logs", exit: 1 },
      greeted: false,
      ttlMs: 600_000,
    },
  ],
  failed: [
    {
      type: "failed",
      problem: { code: "not-supported", sentence: "Expected one request a connection.", next: "", exit: 69 },
    },
  ],
  why: [{ type: "why", lines: ["○ not run at 14:03:40: unaffected. It passed."] }],
  status: [
    {
      type: "status",
      status: {
        version: "0.1.0",
        pid: 4710,
        root: "/shop",
        upMs: 90_000,
        ttlMs: 1_800_000,
        watchedFiles: 40,
        daemonPssBytes: 61_000_000,
        trunks: [
          {
            command: "pytest -q",
            python: "3.12.4",
            pytest: "9.2.0",
            tests: 2,
            modules: 12,
            obstacle: null,
            tipRssBytes: 48_000_000,
            checkpoints: [
              {
                id: "t1.1",
                pid: 4713,
                before: "the tip",
                kind: "tip",
                isTip: true,
                isCurrent: true,
                ageMs: 5_000,
                next: null,
                rebuildMs: null,
                pssBytes: 9_000_000,
              },
            ],
          },
        ],
        lastRecord: null,
        idleCheck: { percent: 10, doing: "10 % of the time are not enough yet", last: null },
      },
    },
  ],
  failures: [
    {
      type: "failures",
      failures: [{ id: test, outcome: "failed", run: "r2", atMs: 1_700_000_000_123, text: "E   assert 3 == 4" }],
    },
  ],
  past: [
    {
      type: "past",
      past: {
        runs: [
          {
            ...{ id: 7, atMs: 1_700_000_000_123, args: ["-q"], way: "warm", exit: 1 },
            ...{ durationMs: 21.5, coldMs: null, counts: { failed: 1 } },
          },
        ],
        unsteady: [
          {
            ...{ id: test, test: 3, run: 7, atMs: 1_700_000_000_123, code: "9f86d081884c7d65" },
            ...{ outcome: "failed", durationMs: 2.5, worker: "gw0", after: null },
          },
        ],
        slowest: [{ id: test, usualMs: 2.5 }],
        failures: [],
      },
    },
  ],
  serving: [{ type: "serving", url: "http://127.0.0.1:7411", token: "u4zq7Jc1" }],
  "last-run": [
    { type: "last-run", run: null },
    {
      type: "last-run",
      run: {
        launch: { python: "/venv/bin/python", script: "/venv/bin/pytest", isModule: false, args: ["-q"] },
        requester: { cwd: "/shop", env: { LANG: "C.UTF-8" }, umask: 18 },
        record,
        outcomes: { [test]: "failed", "collect:tests/test_tax.py": "error" },
        outdated: ["tests/test_cart.py::test_total[2]"],
        selection: "affected",
        changed: "shop/cart.py modified",
      },
    },
  ],
  "node-message": [
    { type: "node-message", message: { type: "relayed", worker: "gw1", text: '["done",3,0.25]', isLast: true } },
  ],
  pong: [{ type: "pong" }],
  done: [{ type: "done" }],
};
