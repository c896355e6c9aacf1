import { constants } from "node:os";
import { problem } from "../../protocol/errors.ts";
import type { NodeId } from "../../protocol/ids.ts";
import type { Ended } from "../../worker/trunk-process.ts";
import type { Run } from "./run.ts";
import type { Verdict } from "./run-request.ts";

/** The verdict of a run whose process died: the test that was running failed, and the exit code is what a shell shows for a plain pytest. */
export function describeCrash(run: Run, ended: Ended | null): Verdict {
  const { exit, how } = describe(ended);
  const test = run.running;
  if (test !== undefined) {
    run.onMessage({ type: "finished", id: test, outcome: "failed", durationMs: 0, text: `${how} while this test ran` });
  }
  const rest = run.unfinished === 0 ? "" : ` ${run.unfinished} more tests have no outcome.`;
  const sentence =
    test === undefined
      ? `${how} before a test ran, or after the last one.${rest}`
      : `${how} while ${test} ran; that test failed.${rest}`;
  const next = test === undefined ? "prewarm logs" : `prewarm run ${test}`;
  return { record: run.record(exit, 0, null, run.unfinished), problem: problem("worker-died", sentence, next, exit) };
}

/** The verdict of a run whose timeline died before its first test. */
export function describeImportCrash(run: Run, ended: Ended | null): Verdict {
  const { exit, how } = describe(ended);
  const sentence = `${how} while the tests were collected.`;
  const fault = problem("import-crashed", sentence, "prewarm run --no-daemon, to see it happen", exit);
  run.onMessage({ type: "collect-failed", id: "" as NodeId, text: sentence });
  return { record: run.record(exit, 0, null), problem: fault };
}

/** The verdict of a run that a person ended before pytest could report anything. */
export function describeInterrupt(run: Run): Verdict {
  const fault = problem(
    "interrupted",
    "Interrupted before the first test.",
    `repeat the command (what was loaded before is kept)`,
  );
  return { record: run.record(fault.exit, 0, null), problem: fault };
}

function describe(ended: Ended | null): { readonly exit: number; readonly how: string } {
  if (ended === null) return { exit: 1, how: "The process of the run disappeared" };
  if (ended.signal !== null) return { exit: 128 + ended.signal, how: signalName(ended.signal) };
  // An exit code of zero without a verdict would be a false green.
  return { exit: ended.exit || 1, how: `The process ended itself with exit code ${ended.exit}` };
}

function signalName(signal: number): string {
  const entry = Object.entries(constants.signals).find(([, number]) => number === signal);
  return entry?.[0] ?? `signal ${signal}`;
}
