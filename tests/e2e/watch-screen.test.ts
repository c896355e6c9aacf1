// The watch as a person has it: a real terminal, real keys, real saves.
import { expect, test } from "vitest";
import { interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";
import { Screen } from "../rig/screen.ts";

const SHOP = {
  "shop.py": "def price(count):\n    return count * 5\n",
  "test_price.py":
    "from shop import price\n\n\ndef test_one():\n    assert price(1) == 5\n\n\ndef test_two():\n    assert price(2) == 10\n",
  "test_tax.py": "def test_tax():\n    print('said before')\n    assert 19 == 19\n",
};
const WATCH = ["--python", interpreter, "--", "pytest"];
const DOWN = 15;

test("an edit, a failure with pytest's text, the keys f, a and q", async () => {
  using project = new Project(SHOP);
  await using prewarm = new Prewarm(project);
  const screen = new Screen(prewarm, WATCH);
  await screen.shows("✓ all 3 ran: 3 passed");
  await screen.shows("watching ");
  project.write("shop.py", "def price(count):\n    return count * 5 + count // 2\n");
  await screen.shows("✗ 1 failed, ");
  expect(screen.terminal.text).toMatch(/^ shop\.py {3}.*\d\d:\d\d:\d\d$/m);
  expect(screen.terminal.text).toContain(
    ">       assert price(2) == 10\nE       assert 11 == 10\nE        +  where 11 = price(2)",
  );
  await screen.shows("✗ new              test_price.py:9  test_two   assert 11 == 10");
  screen.press("f");
  await screen.shows("✗ 1 failed of 1 chosen · 2 not chosen, not run");
  await screen.shows("✗ since ");
  screen.press("h");
  await screen.shows("run the last choice again");
  project.write("shop.py", "def price(count):\n    return count * 5\n");
  await screen.shows("✓", 2);
  screen.press("a");
  await screen.shows("✓ all 3 ran: 3 passed", 2);
  screen.press("q");
  expect(await screen.ended).toEqual({ exit: 0, isRestored: true });
  expect(screen.terminal.text).not.toContain("h help");
});

test("a verdict's exit code; a signal gives the terminal back too", async () => {
  using project = new Project({ ...SHOP, "test_bad.py": "def test_bad():\n    assert 0\n" });
  await using prewarm = new Prewarm(project);
  const first = new Screen(prewarm, WATCH);
  await first.shows("watching ");
  first.press("\x03");
  expect(await first.ended).toEqual({ exit: 1, isRestored: true });
  const second = new Screen(prewarm, WATCH);
  await second.shows("watching ");
  second.signal(DOWN);
  expect(await second.ended).toEqual({ exit: 128 + DOWN, isRestored: true });
});

test("filters, a wrong expression, and what was not run", async () => {
  using project = new Project(SHOP);
  await using prewarm = new Prewarm(project);
  const screen = new Screen(prewarm, WATCH, 60);
  await screen.shows("watching ");
  screen.press("p");
  await screen.shows("filter by path:");
  screen.press("TAX");
  await screen.shows("1 of 3 tests");
  screen.press("\r");
  await screen.shows("✓ 1 chosen passed");
  await screen.shows("2 filtered out, not run");
  await screen.shows(" · path: TAX");
  screen.press("u");
  await screen.shows("everything ran");
  screen.press("p\x7f\x7f\x7f\r");
  await screen.shows("✓ all 3 ran: 3 passed", 2);
  screen.press("t");
  await screen.shows("filter by test name");
  screen.press("one or two\r");
  await screen.shows("✓ 2 chosen passed");
  expect(screen.terminal.hasWrapped).toBe(false);
  screen.press("t and (\r");
  await screen.shows("Wrong expression passed to '-k'");
  await screen.shows("✗ pytest ended with exit code 4");
  screen.press("q");
  expect((await screen.ended).exit).toBe(4);
});

test("c cancels, u runs the rest, and a newer save takes the place of a run", async () => {
  const files = { "puppet.py": PUPPET_MODULE, "test_a.py": "def test_a():\n    pass\n" };
  const puppet = "import puppet\n\n\ndef test_b():\n    puppet.play('b')\n\n\ndef test_c():\n    pass\n";
  using project = new Project({ ...files, "test_b.py": puppet });
  await using prewarm = new Prewarm(project);
  await using master = await PuppetMaster.listen(prewarm);
  const screen = new Screen(prewarm, WATCH);
  (await master.next()).say("pass");
  await screen.shows("✓ all 3 ran: 3 passed");
  await screen.shows("watching ");
  screen.press("a");
  await (await master.next()).occupy("hang");
  await screen.shows("❯ test_b.py::test_b");
  await screen.shows("1/3");
  screen.resize(120);
  screen.press("c");
  await screen.shows("? 2 outdated, not run · 1 passed of 3");
  await screen.shows("u runs 2 outdated");
  screen.press("u");
  await (await master.next()).occupy("hang");
  project.write("test_a.py", "def test_a():\n    assert len('a') == 1\n");
  const rerun = await master.next();
  await screen.shows("superseded by a newer save");
  rerun.say("pass");
  await screen.shows(" affected");
  // What the person had cancelled before still waits for them.
  screen.press("u");
  await screen.shows("✓", 2);
  expect(screen.terminal.text).not.toContain("SIGKILL");
  screen.press("q");
  expect(await screen.ended).toEqual({ exit: 0, isRestored: true });
});

test("a newer save takes the place of a run that is still importing", async () => {
  using project = new Project({
    "puppet.py": PUPPET_MODULE,
    "shop.py": "RATE = 1\n",
    "test_a.py": "import shop\n\n\ndef test_a():\n    assert shop.RATE\n",
  });
  await using prewarm = new Prewarm(project);
  await using master = await PuppetMaster.listen(prewarm);
  const screen = new Screen(prewarm, WATCH);
  await screen.shows("✓ all 1 ran: 1 passed");
  await screen.shows("watching ");
  project.write("shop.py", "import puppet\n\npuppet.play('import')\nRATE = 2\n");
  await (await master.next()).occupy("hang");
  project.write("shop.py", "RATE = 3\n");
  await screen.shows("superseded by a newer save");
  await screen.shows("✓", 2);
  expect(screen.terminal.text).not.toMatch(/SIGKILL|disappeared|✗/);
  screen.press("q");
  expect(await screen.ended).toEqual({ exit: 0, isRestored: true });
});

test("a syntax error is told once; the mended file brings the verdict back; a save without a change is none", async () => {
  // Packages stay in their place then, and no second trunk takes over in the middle of the test.
  using project = new Project({ ...SHOP, "pytest.ini": "[pytest]\naddopts = -W error\n" });
  await using prewarm = new Prewarm(project);
  const screen = new Screen(prewarm, WATCH, 100, { NO_COLOR: "1" });
  await screen.shows("watching ");
  project.write("shop.py", SHOP["shop.py"]);
  await screen.shows("saved, unchanged");
  project.write("shop.py", "def price(count:\n    return count * 5\n");
  await screen.shows("✗ 1 of 2 test files do not collect");
  expect(screen.terminal.text.match(/SyntaxError/g)).toHaveLength(1);
  await screen.shows("outdated, not run");
  await screen.shows("u runs");
  project.write("shop.py", SHOP["shop.py"]);
  await screen.shows("mended, as at ");
  await screen.shows("✓", 2);
  expect(screen.terminal.text).toMatch(/\bPython 3\.\d+\.\d+, pytest \d+\.\d+\.\d+ +\d\d:\d\d:\d\d\n/);
  screen.press("q");
  await screen.ended;
  const colours = [...screen.raw.matchAll(/\[([0-9;]*)m/g)];
  expect(colours).toEqual([]);
});

test("in a pipe each line of ours is one fact, failures are complete, and no byte is an escape", async () => {
  using project = new Project(SHOP);
  await using prewarm = new Prewarm(project);
  const watch = prewarm.command(WATCH);
  await watch.writes("prewarm: pass all 3 ran: 3 passed, cold run, ");
  project.write("test_tax.py", "def test_tax():\n    print('said before')\n    assert 19 == 7\n");
  await watch.writes("prewarm: fail 1 failed");
  watch.signal("SIGINT");
  const { stdout, exit } = await watch.finished;
  expect(exit).toBe(1);
  expect(stdout).not.toContain("\x1b");
  const plain = stdout.replaceAll(/\d\d:\d\d:\d\d|\d+ ms/g, "<time>");
  // How many others an edit affects is not the subject here.
  expect(plain.replace(/(1 failed)(, \d passed)?.*(?=, re-imported)/, "$1")).toMatchInlineSnapshot(`
    "prewarm: pass all 3 ran: 3 passed, cold run, <time>
    prewarm: edit <time> test_tax.py: edited
    def test_tax():
            print('said before')
    >       assert 19 == 7
    E       assert 19 == 7

    test_tax.py:3: AssertionError
    ----------------------------- Captured stdout call -----------------------------
    said before
    prewarm: fail test_tax.py::test_tax - assert 19 == 7
    prewarm: fail 1 failed, re-imported 1, <time>
    "
  `);
});

test("with CI set a terminal gets lines, and with -s pytest's own output", async () => {
  using project = new Project(SHOP);
  await using prewarm = new Prewarm(project);
  const lines = new Screen(prewarm, WATCH, 100, { CI: "true" });
  await lines.shows("prewarm: pass all 3 ran: 3 passed");
  lines.signal(2);
  expect(await lines.ended).toEqual({ exit: 0, isRestored: true });
  expect(lines.raw).not.toContain("\x1b");
  const native = new Screen(prewarm, [...WATCH, "-s", "-q", "--color=no"], 100, { NO_COLOR: "1" });
  await native.shows("said before");
  await native.shows("3 passed in ");
  await native.shows("✓ all 3 ran: 3 passed");
  native.signal(2);
  await native.ended;
});
