// What is written, and when: never while somebody waits for a verdict.
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { Recorder } from "../../../src/daemon/recorder.ts";
import type { RunRequest } from "../../../src/daemon/runs/run-request.ts";
import { NO_CHOICE } from "../../../src/protocol/api.ts";
import type { RunEvent } from "../../../src/protocol/events.ts";
import { NO_SETTINGS } from "../../../src/protocol/timeline-settings.ts";
import { requests } from "../protocol/golden-messages.ts";
import { nodeId, runEntry, TempHistory } from "../store/temp-history.ts";

const { record } = runEntry([]);
const NEVER = new AbortController().signal;
const PASSED: RunEvent & { readonly type: "test-finished" } = {
  type: "test-finished",
  id: nodeId("test_a"),
  outcome: "passed",
  durationMs: 3,
};

test("a run is written with its outcomes when no other is under way", async () => {
  using temp = new TempHistory();
  const recorder = new Recorder(temp.open());
  const [first, second] = [new Requester(), new Requester()];
  const recording = recorder.begin(first.request, NEVER);
  const other = recorder.begin(second.request, NEVER);
  recording.request.onEvent(PASSED);
  recording.end(record, { root: "/project", code: () => "c0de" });
  recording[Symbol.dispose]();
  await quietTime();
  expect(recorder.history.runs(5)).toEqual([]);
  other[Symbol.dispose]();
  while (recorder.history.runs(5).length === 0) await pause(5);
  expect(recorder.history.runs(5)).toMatchObject([{ id: 1, counts: { passed: 1 } }]);
  const suite = { python: first.request.launch.python, root: "/project" };
  expect([...recorder.history.lastOutcomes(suite)]).toEqual([
    [nodeId("test_a"), { outcome: "passed", durationMs: 3, run: 1 }],
  ]);
  expect(first.events).toEqual([PASSED]);
});

test("what comes after a run was given up is no outcome", () => {
  using temp = new TempHistory();
  const recorder = new Recorder(temp.open());
  const abort = new AbortController();
  const requester = new Requester();
  using run = recorder.begin(requester.request, abort.signal);
  run.request.onEvent(PASSED);
  abort.abort();
  run.request.onEvent({ ...PASSED, id: nodeId("test_b"), outcome: "failed" });
  run.end({ ...record, exit: 137 }, { root: "/project", code: () => "c0de" });
  recorder.flush();
  expect(recorder.history.runs(5)).toMatchObject([{ counts: { passed: 1 }, record: { exit: null } }]);
  expect(requester.events).toHaveLength(2);
});

test("a new run puts off what was about to be written", async () => {
  using temp = new TempHistory();
  const recorder = new Recorder(temp.open());
  recorder.later((history) => history.addEdits(["/p/a.py"], 1));
  using _ = recorder.begin(new Requester().request, NEVER);
  await quietTime();
  expect(recorder.history.edits()).toEqual([]);
  recorder.flush();
  expect(recorder.history.edits()).toHaveLength(1);
});

test("a longer work goes on between runs, and what it has to write is written", async () => {
  using temp = new TempHistory();
  const recorder = new Recorder(temp.open());
  const steps: number[] = [];
  recorder.whenQuiet(work(recorder, steps));
  const run = recorder.begin(new Requester().request, NEVER);
  await quietTime();
  expect(steps).toEqual([]);
  run[Symbol.dispose]();
  while (recorder.history.edits().length === 0) await pause(5);
  expect(steps).toEqual([1, 2, 3]);
});

test("at the end everything is done at once", () => {
  using temp = new TempHistory();
  const recorder = new Recorder(temp.open());
  using run = recorder.begin(new Requester().request, NEVER);
  run.end(record, { root: null, code: () => "c0de" });
  recorder.whenQuiet(work(recorder, []));
  recorder.flush();
  expect(recorder.history.runs(5)).toHaveLength(1);
  expect(recorder.history.edits()).toHaveLength(1);
});

test("the next requester is told what could not be written, and only that one", () => {
  using temp = new TempHistory();
  const recorder = new Recorder(temp.open(undefined, 100_000));
  const many = Array.from({ length: 5000 }, (_, index) => ({
    ...PASSED,
    id: nodeId(`a long name of a test ${index}`),
  }));
  using run = recorder.begin(new Requester().request, NEVER);
  for (const event of many) run.request.onEvent(event);
  run.end(record, { root: "/project", code: () => "c0de" });
  recorder.flush();
  const [second, third] = [new Requester(), new Requester()];
  using _second = recorder.begin(second.request, NEVER);
  using _third = recorder.begin(third.request, NEVER);
  expect(second.events).toMatchObject([{ type: "warning", code: "no-history" }]);
  expect(third.events).toEqual([]);
});

/** Resolves when another recorder, to which nobody comes, has written what it was told now. */
async function quietTime(): Promise<void> {
  using temp = new TempHistory();
  const other = new Recorder(temp.open());
  other.later((history) => history.addEdits(["/p/a.py"], 1));
  while (other.history.edits().length === 0) await pause(5);
}

function* work(recorder: Recorder, steps: number[]): Generator<void> {
  steps.push(1);
  yield;
  steps.push(2);
  yield;
  steps.push(3);
  recorder.later((history) => history.addEdits(["/p/a.py"], 1));
}

/** Somebody who asks for a run, and hears of it. */
class Requester {
  readonly events: RunEvent[] = [];
  readonly request: RunRequest;

  constructor() {
    const [{ launch, requester }] = requests.run;
    this.request = {
      ...{
        launch,
        requester,
        plain: "",
        workers: { count: "", dist: "" },
        settings: NO_SETTINGS,
        choice: NO_CHOICE,
        native: true,
        answered: Promise.resolve(),
        edit: null,
        narrowing: null,
      },
      onOutput: async () => {},
      onProgress: () => {},
      onEvent: (event) => this.events.push(event),
    };
  }
}
