// A debugger that is told what to do by standard input, as plain pytest's is.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Command, type Finished } from "../rig/command.ts";
import { interpreter, plainPytest } from "../rig/interpreter.ts";
import { PluginShop, shown } from "../rig/plugin-shop.ts";

const STOPS = {
  "pytest.ini": "[pytest]\naddopts = -p no:cacheprovider\n",
  "test_stops.py": `
import sys


def test_before():
    assert True


def test_total():
    x = 41
    breakpoint()
    assert x == 41


def test_fails():
    y = 7
    assert y == 8


def test_reads():
    print(sys.stdin.read(4))
`,
};

async function piped(shop: PluginShop, input: string, words: readonly string[]): Promise<Finished> {
  const place = { cwd: shop.project.root, env: shop.prewarm.environment() };
  return new Command(["sh", "-c", `${input} "$@"`, "sh", ...words], place).finished;
}

test("commands from a pipe and from a file reach the debugger, tests read what they are given", async () => {
  await using shop = new PluginShop(STOPS);
  const file = join(shop.prewarm.stateFolder, "commands");
  writeFileSync(file, "p x\np x + 1\nc\n");
  const fromPipe = "printf 'p 40 + 1\\nc\\n' |";
  // The head of the file is read by somebody else: the debugger begins where the file stands.
  const fromFile = `exec < ${file}; read line;`;
  for (const [input, args] of [
    [fromPipe, ["-k", "total"]],
    [fromFile, ["-k", "total"]],
    [fromPipe, ["-k", "fails", "--pdb"]],
    [fromPipe, ["-k", "before", "--trace"]],
    ["printf 'q\\n' |", ["-k", "total or before"]],
    ["printf 'text\\n' |", ["-k", "reads", "-s"]],
    ["", ["-k", "total", "--color=yes"]],
  ] as const) {
    const plain = await piped(shop, input, [...plainPytest, ...args]);
    const title = `${input} ${args.join(" ")}`;
    for (const words of [
      [...plainPytest, "--prewarm", ...args],
      shop.prewarm.words(["run", "--python", interpreter, "--", "pytest", ...args]).words,
    ]) {
      expect(shown(await piped(shop, input, words)), title).toEqual(shown(plain));
    }
  }
  expect((await shop.prewarm.status()).lastRecord?.way).toBe("warm");
});
