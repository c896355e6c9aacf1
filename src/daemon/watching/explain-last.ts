import { resolve } from "node:path";
import { explain } from "../../plan/explain.ts";
import { formatClock } from "../../report/format-time.ts";
import type { Session } from "../session.ts";

/** The lines of `prewarm why`: the last decision of a watch, or what it was for a test or a file. */
export function explainLast(session: Session, about: string): readonly string[] {
  const { lastDecision } = session.watches;
  const record = session.lastRecord;
  if (lastDecision === null) {
    const way = record === null ? "nothing has run yet" : `the last run: ${record.way}, ${record.reason}`;
    return [way, "  no watch has chosen tests yet: prewarm -- pytest"];
  }
  const { root } = session.places;
  const decided = {
    ...lastDecision,
    at: formatClock(new Date(lastDecision.atMs)),
    tests: lastDecision.known.tests,
    record,
    name: (path: string) => (path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path),
  };
  const isPath = !about.includes("::") && about !== "";
  return explain(decided, isPath ? decided.name(resolve(root, about)) : about);
}
