import { expect, test } from "vitest";
import manifest from "../../../package.json" with { type: "json" };
import { compareVersions, VERSION } from "../../../src/base/version.ts";

test("the version in the code is the package's", () => {
  expect(VERSION).toBe(manifest.version);
});

test.each([
  ["0.2.0", "0.10.0", -1],
  ["1.0.0", "1.0.0", 0],
  ["1.0.1", "1.0.0", 1],
  ["1.0.0-rc.1", "1.0.0", -1],
])("%s compared with %s", (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
});
