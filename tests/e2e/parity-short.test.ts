import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { interpreter } from "../rig/interpreter.ts";

const root = join(import.meta.dirname, "../..");

// The short form of `scripts/parity.ts`. One seed, so that a failure is the change's and not the day's; other seeds are run by hand.
test("after random edits, a warm run agrees with a cold one", async () => {
  const child = spawn(
    process.execPath,
    [
      join(root, "scripts/parity.ts"),
      "--builtin",
      "small",
      "--edits",
      "12",
      "--seed",
      "2",
      "--python",
      interpreter,
      "--pytest",
      "as-is",
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [output] = await Promise.all([text(child.stdout), once(child, "exit")]);
  expect(output.trimEnd().split("\n").at(-1), output).toMatch(/^parity: 1\d comparisons, 0 differences, seed \d+$/);
  expect(child.exitCode, output).toBe(0);
});
