import type { Problem } from "../../protocol/errors.ts";
import type { RunEvent } from "../../protocol/events.ts";
import type { Verdict } from "../runs/run-request.ts";

/** The same verdict, unless something was wrong with the nodes: then that is what the run came to. */
export function withProblem(verdict: Verdict, problem: Problem | null | undefined): Verdict {
  if (problem === null || problem === undefined) return verdict;
  return { record: { ...verdict.record, exit: problem.exit }, problem };
}

/** Plain pytest runs the tests, on this machine. */
export function notOnNodes(reason: string): RunEvent {
  const text = `These tests run on this machine and on no node: ${reason}.`;
  return { type: "warning", code: "not-on-nodes", text, next: "prewarm doctor" };
}
