// A debugger at a real terminal: below `prewarm run`, `pytest --prewarm` and the watch screen.
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { interpreter, plainPytest } from "../rig/interpreter.ts";
import { PluginShop } from "../rig/plugin-shop.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";
import { Screen } from "../rig/screen.ts";

const STOPS = {
  "pytest.ini": "[pytest]\naddopts = -p no:cacheprovider\npythonpath = .\n",
  "test_stops.py": `
import os


def test_before():
    assert True


def test_total():
    pid = os.getpid()
    breakpoint()
    assert pid == os.getpid()


def test_after():
    assert True
`,
};
const CTRL_C = "\x03";
const UP = "\x1b[A";
const TERMINAL_STOP = 20;
const GO_ON = 18;

/** The same command by its two doors. */
function* doors(shop: PluginShop, args: readonly string[]): Iterable<Screen> {
  yield new Screen(shop.prewarm, ["run", "--quiet", "--python", interpreter, "--", "pytest", ...args]);
  yield new Screen(shop.prewarm, [], 100, {}, [...plainPytest, "--prewarm", ...args]);
}

test("commands, history, and ctrl-c as often as one likes", async () => {
  await using shop = new PluginShop(STOPS);
  for (const screen of doors(shop, ["-k", "total"])) {
    await screen.shows("(Pdb)");
    const pid = await askForPid(screen);
    screen.press(`${UP}\r`);
    await screen.shows(`\n${pid}`, 2);
    await screen.shows("(Pdb)", 3);
    for (const time of [1, 2, 3]) {
      await untilState(pid, "S");
      screen.press(CTRL_C);
      await screen.shows("--KeyboardInterrupt--", time);
      await screen.shows("(Pdb)", 3 + time);
    }
    screen.press("c\r");
    await screen.shows("1 passed, 2 deselected");
    expect(await screen.ended).toEqual({ exit: 0, isRestored: true });
  }
});

test("a test hears of the terminal's new size", async () => {
  await using shop = new PluginShop({
    "test_size.py": `
import os
import signal


def test_size():
    sizes = []
    signal.signal(signal.SIGWINCH, lambda *_: sizes.append(os.get_terminal_size().columns))
    print("listening", flush=True)
    while 61 not in sizes:
        signal.pause()
    print("heard of 61", flush=True)
`,
  });
  for (const screen of doors(shop, ["-s"])) {
    await screen.shows("listening");
    screen.resize(61);
    await screen.shows("heard of 61");
    expect((await screen.ended).exit).toBe(0);
  }
});

test("ctrl-z stops the run with the command, and both go on", async () => {
  await using shop = new PluginShop({
    ...STOPS,
    "puppet.py": PUPPET_MODULE,
    "test_stops.py": "import puppet\n\n\ndef test_long():\n    puppet.play('long')\n",
  });
  await using puppets = await PuppetMaster.listen(shop.prewarm);
  for (const screen of doors(shop, [])) {
    const puppet = await puppets.next();
    screen.signal(TERMINAL_STOP);
    await untilState(puppet.pid, "T");
    screen.signal(GO_ON);
    await untilState(puppet.pid, "S");
    puppet.say("pass");
    await screen.shows("1 passed");
    expect((await screen.ended).exit).toBe(0);
  }
});

test("the watch screen steps aside, and comes back", async () => {
  await using shop = new PluginShop(STOPS);
  const screen = new Screen(shop.prewarm, ["--python", interpreter, "--", "pytest"]);
  await screen.shows(" ■ breakpoint   test_stops.py:11 test_total");
  await screen.shows("keys go to pdb");
  await screen.shows("(Pdb)");
  // Keys of the screen are letters here.
  await untilState(await askForPid(screen), "S");
  screen.press(CTRL_C);
  await screen.shows("--KeyboardInterrupt--");
  screen.press("c\r");
  await screen.shows("✓ all 3 ran: 3 passed");
  await screen.shows("watching ");
  screen.press("a");
  await screen.shows("■ breakpoint", 2);
  await screen.shows("(Pdb)", 4);
  screen.press("q\r");
  await screen.shows("Quitting debugger");
  await screen.shows("outdated, not run");
  screen.press("h");
  await screen.shows("run the last choice again");
  screen.press("q");
  expect(await screen.ended).toEqual({ exit: 2, isRestored: true });
});

/** The process of the test that waits at a prompt for the first time. */
async function askForPid(screen: Screen): Promise<number> {
  screen.press("p pid\r");
  await screen.shows("(Pdb)", 2);
  return Number(/^\(Pdb\) p pid\n(\d+)$/m.exec(screen.terminal.text)?.[1]);
}

// Of a debugger: a prompt is shown a moment before an interrupt is waited for, and one in between ends a plain pytest, or is
// not heard before the next key.
async function untilState(pid: number, wanted: string): Promise<void> {
  const state = (): string | undefined => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.[0];
  while (state() !== wanted) await wait(5);
}
