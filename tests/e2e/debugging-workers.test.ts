// Debuggers in several workers: the first has the terminal, the others queue.
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { interpreter, plainPytest } from "../rig/interpreter.ts";
import { PluginShop } from "../rig/plugin-shop.ts";
import { Screen } from "../rig/screen.ts";

const stop = (name: string) => `import os


def test_${name}():
    pid = os.getpid()
    breakpoint()
    assert pid == os.getpid()
`;
const STOPS = {
  "pytest.ini": "[pytest]\naddopts = -p no:cacheprovider\n",
  "test_one.py": stop("one"),
  "test_two.py": stop("two"),
  "test_quiet.py": "import pytest\n\n\n@pytest.mark.parametrize('n', range(20))\ndef test_quiet(n): pass\n",
};
const CTRL_C = "\x03";

/** The same command by its two doors. */
function* doors(shop: PluginShop, args: readonly string[] = []): Iterable<Screen> {
  yield new Screen(shop.prewarm, ["run", "--quiet", "-n", "2", "--python", interpreter, "--", "pytest", ...args]);
  yield new Screen(shop.prewarm, [], 100, { PREWARM_WORKERS: "2" }, [...plainPytest, "--prewarm", ...args]);
}

test("one after the other has the terminal, with its size and ctrl-c", async () => {
  await using shop = new PluginShop(STOPS);
  for (const screen of doors(shop)) {
    let prompts = 0;
    for (const turn of [1, 2]) {
      await screen.shows("is in front", turn);
      await screen.shows("(Pdb)", ++prompts);
      const pid = await askForPid(screen, turn, ++prompts);
      await untilState(pid, "S");
      screen.press(CTRL_C);
      await screen.shows("--KeyboardInterrupt--", turn);
      await screen.shows("(Pdb)", ++prompts);
      // Last of all: what a new size wakes may not hear an interrupt before the next key, in a plain pytest too.
      screen.resize(60 + turn);
      // The key line may be drawn once more for the new size, and what is printed may then follow on it.
      screen.press('p "wide", os.get_terminal_size(0).columns\r');
      await screen.shows(`('wide', ${60 + turn})`);
      await screen.shows("(Pdb)", ++prompts);
      screen.press("c\r");
    }
    await screen.shows("22 passed");
    expect(await screen.ended).toEqual({ exit: 0, isRestored: true });
  }
});

test("whoever leaves by quit ends the session, and who waits does not come in front any more", async () => {
  await using shop = new PluginShop(STOPS);
  for (const screen of doors(shop, ["test_one.py", "test_two.py"])) {
    await screen.shows("(Pdb)");
    screen.press("q\r");
    await screen.shows("Quitting debugger");
    expect(await screen.ended).toEqual({ exit: 2, isRestored: true });
  }
});

test("debuggers that tests make themselves queue like pytest's own", async () => {
  await using shop = new PluginShop({
    "pytest.ini": STOPS["pytest.ini"],
    "test_one.py": "import pdb\n\n\ndef test_one():\n    pdb.Pdb().set_trace()\n    assert True\n",
    "test_two.py": `import pdb
import sys


def test_two():
    try:
        1 / 0
    except ZeroDivisionError:
        pdb.post_mortem(sys.exc_info()[2])
`,
  });
  for (const screen of doors(shop, ["-s"])) {
    for (const turn of [1, 2]) {
      await screen.shows("is in front", turn);
      await screen.shows("(Pdb)", turn);
      screen.press("c\r");
    }
    await screen.shows("2 passed");
    expect(await screen.ended).toEqual({ exit: 0, isRestored: true });
  }
});

test("whoever steps stays in front, to the end of the last step", async () => {
  const steps = (name: string) => `import pdb\n\n\ndef test_${name}():\n    pdb.Pdb().runcall(lambda: None)\n`;
  await using shop = new PluginShop({
    "pytest.ini": STOPS["pytest.ini"],
    "test_one.py": steps("one"),
    "test_two.py": steps("two"),
  });
  const [screen] = doors(shop, ["-s"]);
  for (const turn of [1, 2]) {
    await screen?.shows("(Pdb)", 2 * turn - 1);
    screen?.press("n\r");
    await screen?.shows("(Pdb)", 2 * turn);
    expect(screen?.terminal.text.split("is in front").length).toBe(turn + 1);
    screen?.press("n\r");
  }
  await screen?.shows("2 passed");
  expect(await screen?.ended).toEqual({ exit: 0, isRestored: true });
});

test("a breakpoint that was set at a prompt brings its worker in front again", async () => {
  const stop = "def test_one():\n    breakpoint()\n    first = 1\n    second = 2\n";
  await using shop = new PluginShop({ ...STOPS, "test_one.py": stop });
  const [screen] = doors(shop, ["test_one.py", "test_quiet.py"]);
  await screen?.shows("(Pdb)");
  screen?.press("b 4\r");
  await screen?.shows("(Pdb)", 2);
  for (const turn of [1, 2]) {
    await screen?.shows("is in front", turn);
    await screen?.shows("(Pdb)", turn + 1);
    screen?.press("c\r");
  }
  await screen?.shows("21 passed");
  expect(await screen?.ended).toEqual({ exit: 0, isRestored: true });
});

test("the watch screen names who is in front", async () => {
  await using shop = new PluginShop(STOPS);
  const screen = new Screen(shop.prewarm, ["-n", "2", "--python", interpreter, "--", "pytest"]);
  let prompts = 0;
  for (const turn of [1, 2]) {
    await screen.shows("■ breakpoint", turn);
    await screen.shows("in front", turn);
    await screen.shows("(Pdb)", ++prompts);
    screen.press("c\r");
  }
  expect(screen.terminal.text).toMatch(/■ breakpoint {3}test_(one|two)\.py:6 test_\1 · worker gw[01] in front/);
  await screen.shows("✓ all 22 ran: 22 passed");
  await screen.shows("watching ");
  screen.press("q");
  expect(await screen.ended).toEqual({ exit: 0, isRestored: true });
});

/** The process of the test that waits at a prompt. */
async function askForPid(screen: Screen, turn: number, prompts: number): Promise<number> {
  screen.press(`p "pid", ${turn}, pid\r`);
  await screen.shows("(Pdb)", prompts);
  return Number(new RegExp(`\\('pid', ${turn}, (\\d+)\\)`).exec(screen.terminal.text)?.[1]);
}

// A prompt is shown a moment before an interrupt is waited for.
async function untilState(pid: number, wanted: string): Promise<void> {
  const state = (): string | undefined => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.[0];
  while (state() !== wanted) await wait(5);
}
