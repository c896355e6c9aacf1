import { expect, test } from "vitest";
import { mergeTimelines, type TimelineStep } from "../../../src/trunk/timeline.ts";

test("a timeline that was resumed for one test file does not make the others forgotten; modules that are gone are", () => {
  const older = [step("module", "/p/old.py"), step("testfile", "/p/test_a.py"), step("testfile", "/p/test_b.py")];
  const newer = [step("module", "/p/new.py"), step("testfile", "/p/test_a.py")];
  expect(mergeTimelines(older, newer).map(({ path }) => path)).toEqual(["/p/new.py", "/p/test_a.py", "/p/test_b.py"]);
});

function step(kind: TimelineStep["kind"], path: string): TimelineStep {
  return { kind, path, ownMs: 1 };
}
