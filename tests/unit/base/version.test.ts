import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import manifest from "../../../package.json" with { type: "json" };
import { compareVersions, VERSION } from "../../../src/base/version.ts";

test("the version in the code is that of both packages", () => {
  expect(VERSION).toBe(manifest.version);
  const text = (path: string) => readFileSync(new URL(`../../../agent/${path}`, import.meta.url), "utf8");
  expect(/^version = "(.*)"$/m.exec(text("pyproject.toml"))?.[1]).toBe(VERSION);
  expect(/^__version__ = "(.*)"$/m.exec(text("prewarm/__init__.py"))?.[1]).toBe(VERSION);
});

test.each([
  ["0.2.0", "0.10.0", -1],
  ["1.0.0", "1.0.0", 0],
  ["1.0.1", "1.0.0", 1],
  ["1.0.0-rc.1", "1.0.0", -1],
])("%s compared with %s", (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
});
