import { expect, test } from "vitest";
import { warnOfLoad } from "../../../src/insight/busy-machine.ts";

test("other programs are told of where they want more than there are cores", () => {
  expect(warnOfLoad(12.37, 2)).toBe(
    "the machine was busy before (load 12.4 on 2 cores): tests that compute may look as if they waited",
  );
  expect(warnOfLoad(2, 2)).toBeUndefined();
});
