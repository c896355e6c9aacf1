import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { interpreter } from "../rig/interpreter.ts";

const root = join(import.meta.dirname, "../..");

/** The last line of a script's output, and the whole; the script has to end well. */
async function lastLine(script: string, words: readonly string[]): Promise<readonly [last: string, output: string]> {
  const args = [join(root, "scripts", script), ...words, "--python", interpreter, "--pytest", "as-is"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [output] = await Promise.all([text(child.stdout), once(child, "exit")]);
  expect(child.exitCode, output).toBe(0);
  return [output.trimEnd().split("\n").at(-1) ?? "", output];
}

// Without the tests whose set-up ends in an error: after one of those every edit affects all.
const WATCHED = "tests/unit tests/plain tests/orders/test_orders.py";

// The short forms of `scripts/edit-fuzz.ts` and `scripts/watch-fuzz.ts`. One seed each, so that a failure is the change's and not
// the day's; other seeds are run by hand.
test("a run after each random edit says what a cold one says", async () => {
  const [last, output] = await lastLine("edit-fuzz.ts", ["small", "12", "41"]);
  expect(last, output).toBe("parity: 12 comparisons, 0 differences, seed 41");
});

test("what a watch stands by after each random edit is what a cold run says", async () => {
  const [last, output] = await lastLine("watch-fuzz.ts", [
    "--builtin",
    "small",
    "--edits",
    "12",
    "--seed",
    "42",
    "--select",
    WATCHED,
  ]);
  expect(last, output).toMatch(
    /^watch-fuzz: 12 edits, 0 differences, [1-9]\d* tests ran, [1-9]\d* kept their outcome, seed 42$/,
  );
});
