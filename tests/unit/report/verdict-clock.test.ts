import { expect, test } from "vitest";
import { formatVerdictClock, startOfEdit } from "../../../src/report/verdict-clock.ts";

const HEARD_MS = 1_700_000_000_500.25;

test.each([
  ["a moment ago", HEARD_MS - 0.75, undefined, "39 ms"],
  ["a tick of the file system ahead", HEARD_MS + 3, undefined, "35 ms"],
  ["on a machine whose clock is ahead", HEARD_MS + 900, undefined, "event + 38 ms"],
  ["long ago, and moved here now", HEARD_MS - 60_000, undefined, "event + 38 ms"],
  ["during the run that has just ended", HEARD_MS - 4_000, HEARD_MS - 9_000, "4.04 s"],
  ["before that run", HEARD_MS - 10_000, HEARD_MS - 9_000, "event + 38 ms"],
  ["on a disk of whole seconds", 1_700_000_000_000, undefined, "event + 38 ms"],
  ["never: it was deleted", null, undefined, "event + 38 ms"],
])("the clock of a file that was written %s", (_, writtenMs, busySinceMs, expected) => {
  expect(formatVerdictClock(startOfEdit(writtenMs, HEARD_MS, busySinceMs), HEARD_MS + 38)).toBe(expected);
});

test("a key is trusted", () => {
  expect(formatVerdictClock({ kind: "key", atMs: 0 }, 38)).toBe("38 ms");
});
