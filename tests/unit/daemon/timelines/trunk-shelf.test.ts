import { mkdirSync, renameSync } from "node:fs";
import { expect, test } from "vitest";
import type { RunRequest } from "../../../../src/daemon/runs/run-request.ts";
import { argumentsKey, TrunkShelf } from "../../../../src/daemon/timelines/trunk-shelf.ts";
import { type Launch, NO_CHOICE, type Requester } from "../../../../src/protocol/api.ts";
import { NO_SETTINGS } from "../../../../src/protocol/timeline-settings.ts";
import type { Trunk, TrunkListener, TrunkStart } from "../../../../src/worker/trunk.ts";
import { requests } from "../../protocol/golden-messages.ts";
import { TempProject } from "../../watch/temp-project.ts";

const { launch, requester } = requests.run[0];
const ENV = { LANG: "C.UTF-8" };
const NOBODY: TrunkListener = { onEvents: () => {}, onParked: () => {}, onTip: () => {} };

test("a trunk can serve requests for its program in its place, whatever their arguments", () => {
  const shelf = new TrunkShelf();
  const trunk = shelf.add(startOf({}), NOBODY);
  expect(shelf.candidates(requestOf({}))).toEqual([trunk]);
  expect(shelf.candidates(requestOf({ args: ["-x", "tests/test_a.py"] }))).toEqual([trunk]);
});

test.each<[string, Partial<Launch & Requester>]>([
  ["another Python", { python: "/usr/bin/python3" }],
  ["another way to start pytest", { isModule: true }],
  ["another script", { script: "/usr/bin/pytest" }],
  ["another working directory", { cwd: "/" }],
  ["another language", { env: { LANG: "de_DE.UTF-8" } }],
  ["another time zone", { env: { ...ENV, TZ: "Asia/Tokyo" } }],
  ["other switches of Python", { env: { ...ENV, PYTHONHASHSEED: "0" } }],
  ["another number of threads", { env: { ...ENV, OMP_NUM_THREADS: "4" } }],
])("a trunk cannot serve a request with %s", (_, other) => {
  const shelf = new TrunkShelf();
  shelf.add(startOf({}), NOBODY);
  expect(shelf.candidates(requestOf(other))).toEqual([]);
});

test("variables that no C code reads are for each process to judge", () => {
  const shelf = new TrunkShelf();
  const trunk = shelf.add(startOf({}), NOBODY);
  const env = { CURRENCY: "USD", ...ENV, PATH: "/bin" };
  expect(shelf.candidates(requestOf({ env }))).toEqual([trunk]);
});

test("a working directory that was made anew is another one", () => {
  using project = new TempProject();
  const cwd = project.at("shop");
  mkdirSync(cwd);
  const shelf = new TrunkShelf();
  const trunk = shelf.add(startOf({ cwd }), NOBODY);
  expect(shelf.candidates(requestOf({ cwd }))).toEqual([trunk]);
  renameSync(cwd, project.at("old"));
  mkdirSync(cwd);
  expect(shelf.candidates(requestOf({ cwd }))).toEqual([]);
});

test("the trunk that was started with the very arguments comes first, and one that refused them not at all", () => {
  const shelf = new TrunkShelf();
  const [a, b] = [["a.py"], ["b.py"]].map((args) => shelf.add(startOf({ args }), NOBODY)) as [Trunk, Trunk];
  expect(shelf.candidates(requestOf({ args: ["b.py"] }))).toEqual([b, a]);
  expect(shelf.candidates(requestOf({ args: ["a.py"] }))).toEqual([a, b]);
  a.refused.add(argumentsKey({ ...launch, args: ["b.py"] }));
  expect(shelf.candidates(requestOf({ args: ["b.py"] }))).toEqual([b]);
});

test("arguments are told apart word by word", () => {
  expect(argumentsKey({ ...launch, args: ["-k", "a b"] })).not.toBe(
    argumentsKey({ ...launch, args: ["-k", "a", "b"] }),
  );
});

test("the one that served least lately makes room", () => {
  const shelf = new TrunkShelf();
  const trunks = ["a", "b", "c"].map((id) => shelf.add({ ...startOf({}), id }, NOBODY));
  for (const [place, trunk] of trunks.entries()) trunk.lastUsedMs = [20, 10, 30][place] ?? 0;
  shelf.add({ ...startOf({}), id: "d" }, NOBODY);
  expect(shelf.trunks.map(({ id }) => id)).toEqual(["a", "c", "d"]);
});

test("a trunk that is dropped in the middle of a run stays known until the run is over", () => {
  const shelf = new TrunkShelf();
  const trunk = shelf.add(startOf({}), NOBODY);
  const ends = [trunk.begin(), trunk.begin()];
  shelf.drop(trunk);
  expect([shelf.trunks, shelf.all]).toEqual([[], [trunk]]);
  ends[0]?.();
  expect(shelf.all).toEqual([trunk]);
  ends[1]?.();
  expect(shelf.all).toEqual([]);
});

test("a successor grows beside the trunk that serves, and takes its place", () => {
  const shelf = new TrunkShelf();
  const first = shelf.add({ ...startOf({}), id: "first" }, NOBODY);
  const other = shelf.add({ ...startOf({}), id: "other" }, NOBODY);
  const successor = shelf.addSuccessor(first, { ...startOf({}), id: "successor" }, NOBODY);
  expect(shelf.addSuccessor(first, startOf({}), NOBODY)).toBeUndefined();
  expect([shelf.trunks, shelf.all]).toEqual([
    [first, other],
    [first, other, successor],
  ]);
  const end = first.begin();
  if (successor !== undefined) shelf.succeed(first, successor);
  expect([shelf.trunks, shelf.all]).toEqual([
    [successor, other],
    [successor, other, first],
  ]);
  end();
  expect(shelf.all).toEqual([successor, other]);
});

test("a successor of a trunk that has gone comes too late", () => {
  const shelf = new TrunkShelf();
  const trunk = shelf.add(startOf({}), NOBODY);
  const successor = shelf.addSuccessor(trunk, startOf({}), NOBODY);
  shelf.drop(trunk);
  expect(shelf.all).toEqual([]);
  if (successor !== undefined) shelf.succeed(trunk, successor);
  expect(shelf.trunks).toEqual([]);
  expect(shelf.addSuccessor(trunk, startOf({}), NOBODY)).toBeUndefined();
});

test("clearing leaves nothing on the shelf", () => {
  const shelf = new TrunkShelf();
  const [trunk] = ["a", "b"].map((id) => shelf.add({ ...startOf({}), id }, NOBODY));
  const end = trunk?.begin();
  shelf.clear();
  expect([shelf.trunks, shelf.all]).toEqual([[], [trunk]]);
  end?.();
  expect(shelf.all).toEqual([]);
});

function requestOf(other: Partial<Launch & Requester>): RunRequest {
  const { python, script, isModule, args, ...others } = { ...launch, ...other };
  return {
    launch: { python, script, isModule, args },
    requester: { ...requester, cwd: "/tmp", env: ENV, ...others },
    choice: NO_CHOICE,
    native: true,
    narrowing: null,
    plain: "",
    workers: { count: "", dist: "" },
    settings: NO_SETTINGS,
    edit: null,
    onOutput: async () => {},
    onEvent: () => {},
    onProgress: () => {},
    answered: Promise.resolve(),
  };
}

function startOf(other: Partial<Launch & Requester>): TrunkStart {
  const request = requestOf(other);
  return {
    id: "t1",
    launch: request.launch,
    requester: request.requester,
    stateFolder: "/nowhere",
    agentFolder: "/nowhere",
    cuts: { files: [], conftests: true, firstModule: true, firstTest: true },
    edited: [],
    ahead: { modules: [], never: [] },
    settings: request.settings,
  };
}
