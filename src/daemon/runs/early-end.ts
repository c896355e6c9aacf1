import { existsSync } from "node:fs";
import { problem } from "../../protocol/errors.ts";
import type { Trunk } from "../../worker/trunk.ts";
import type { Growth } from "../../worker/trunk-process.ts";
import { describeImportCrash } from "./crash.ts";
import type { Run } from "./run.ts";
import type { Verdict } from "./run-request.ts";

/** A timeline that ended before its tip. */
export type EarlyEnd = Exclude<Growth, { kind: "tip" | "not-warm" | "not-ahead" }>;

/** The verdict of a run whose timeline ended before its first test: pytest's own where it exited, ours where it died. */
export async function describeEarlyEnd(trunk: Trunk, run: Run, growth: EarlyEnd): Promise<Verdict> {
  const { onOutput, launch } = run.request;
  switch (growth.kind) {
    case "ended":
      await onOutput("stdout", Buffer.from(growth.stdout, "base64"));
      await onOutput("stderr", Buffer.from(growth.stderr, "base64"));
      return { record: run.record(growth.exit, 0, null), problem: null };
    case "no-pytest": {
      const fault = problem(
        "no-pytest",
        `${launch.python} cannot import pytest (${growth.reason}).`,
        `${launch.python} -m pip install pytest`,
      );
      return { record: run.record(fault.exit, 0, null), problem: fault };
    }
    case "not-started": {
      const { cwd } = run.request.requester;
      const fault = existsSync(cwd)
        ? problem(
            "no-python",
            `${launch.python} does not start (${growth.reason}).`,
            "prewarm run --python PATH -- pytest",
          )
        : problem("path-missing", `The working directory ${cwd} does not exist.`, "cd FOLDER");
      return { record: run.record(fault.exit, 0, null), problem: fault };
    }
    case "not-patched":
    case "lost":
      return describeImportCrash(run, null);
    case "died": {
      const { stdout, stderr } = trunk.outputOf(growth.process);
      await onOutput("stdout", stdout);
      await onOutput("stderr", stderr);
      return describeImportCrash(run, growth.ended);
    }
    default:
      return growth satisfies never;
  }
}
