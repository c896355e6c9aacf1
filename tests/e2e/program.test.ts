// Python programs that are no pytest: what they see is what a plain `python` shows them, and a save starts them again from the
// latest checkpoint before the edited file.
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { Command } from "../rig/command.ts";
import { freePort } from "../rig/free-port.ts";
import { interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const FACTS = `
import json, os, sys
from shop import prices

known = {name: str(value).split(" at 0x")[0] for name, value in globals().items() if name[:2] == "__"}
print(json.dumps([sys.argv, sys.path[0], os.getcwd(), known, getattr(sys, "orig_argv", [])[1:], os.environ.get("SHOP")]))
print([stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)], sys.stdout.line_buffering, sys.flags)
print(prices.PRICE, sys.stdin.read(), os.getpgrp() == os.getpid(), file=sys.stderr)
`;

const FILES = {
  "facts.py": FACTS,
  "shop/__init__.py": "print('shop is imported')\n",
  "shop/prices.py": "PRICE = 1\n",
  "shop/facts.py": FACTS,
  "shop/__main__.py": FACTS,
  "fails.py": "from shop import prices\nprices.missing()\n",
  "exits.py": "import atexit, sys\nimport shop\natexit.register(print, 'bye')\nsys.exit('no money')\n",
  "broken.py": "import shop\n\ndef\n",
  "dies.py": "import os, shop, signal\nos.kill(os.getpid(), signal.SIGTERM)\n",
  "random_numbers.py": "import random\nrandom.seed(7)\nimport shop\nfrom shop import prices\nprint(random.random())\n",
  "threads.py":
    "import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.05), print('late'))).start()\nimport shop\nprint('main')\n",
};

test.for([
  ["facts.py", "a", "--b"],
  ["./facts.py"],
  ["-u", "-Wd", "facts.py"],
  ["-m", "shop.facts", "a"],
  ["-m", "shop"],
  ["-c", "import shop, sys; print(sys.argv, sys.path[0], sorted(globals()))", "a"],
  ["shop"],
  ["fails.py"],
  ["exits.py"],
  ["broken.py"],
  ["dies.py"],
  ["random_numbers.py"],
  ["-m", "shop.missing"],
] as const)("python %s is what a plain start makes of it, from the start and from a checkpoint", async (words) => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project, { SHOP: "open" });
  const place = { cwd: project.root, env: prewarm.environment() };
  const plain = await new Command(["setsid", interpreter, ...words], place).finished;
  const expected = { ...plain, exit: plain.exit ?? 128 + 15, signal: null };
  for (const _ of ["cold", "resumed"]) {
    const end = await prewarm.command(["run", "--", interpreter, ...words]).finished;
    expect(end).toEqual(expected);
  }
  const { trunks } = await prewarm.status();
  expect(trunks.map(({ checkpoints }) => checkpoints.length > 0)).toEqual([true]);
});

test("what a fork would lose stands against a checkpoint, and is named once", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  const run = () => prewarm.command(["run", "--", interpreter, "threads.py"]).finished;
  const first = await run();
  expect([first.exit, first.stdout]).toEqual([0, "shop is imported\nmain\nlate\n"]);
  const what = `${project.at("threads.py")}:2 starts a thread: shop and what follows are imported anew in each start.`;
  expect(first.stderr).toContain(`warning[no-checkpoint] ${what}`);
  const { exit, stdout } = await run();
  expect([exit, stdout]).toEqual([0, first.stdout]);
});

const SHOP = {
  "shop/__init__.py": `
from flask import Flask

def create_app():
    from shop import views

    app = Flask(__name__)
    app.register_blueprint(views.shelf)
    return app
`,
  "shop/views.py": `
from flask import Blueprint
from shop import prices

shelf = Blueprint("shelf", __name__)

@shelf.get("/")
def price():
    return str(prices.PRICE)
`,
  "shop/prices.py": "PRICE = 1\n",
};

test("a server is back on its port after each save, from the checkpoint before the file", async () => {
  using project = new Project(SHOP);
  await using prewarm = new Prewarm(project);
  const port = await freePort();
  const flask = join(dirname(interpreter), "flask");
  const words = [flask, "--app", "shop", "run", "--port", String(port)];
  const server = prewarm.command(["--", ...words]);
  const answer = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text();
  await server.writes("Running on", "stderr");
  expect(await answer()).toBe("1");
  let starts = 1;
  for (const price of [2, 3, "missing", 5]) {
    project.write("shop/prices.py", `PRICE = ${price}\n`);
    if (price === "missing") {
      // It does not come up with this, and waits for the next save.
      await server.writes("ended with exit code 1", "stderr");
      continue;
    }
    starts += 1;
    await server.writes("Running on", "stderr", starts);
    expect(await answer()).toBe(String(price));
  }
  expect(server.text("stderr")).toContain("starts from a checkpoint: shop/prices.py modified");
  server.signal("SIGINT");
  expect((await server.finished).exit).toBe(0);
  await expect(answer()).rejects.toThrow();
});

test.for([
  ["SIGTERM", "own", 3],
  ["SIGHUP", "own", 3],
  ["SIGTERM", "plain", 143],
  ["SIGHUP", "plain", 129],
] as const)(
  "%s ends a program and its watch, %s: the program first, with its exit code",
  async ([signal, kind, exit]) => {
    using project = new Project({
      "shop.py": "NAME = 'shop'\n",
      "serves.py": `
import os, signal, sys
import shop

# A signal can come while the line below is written, and a print within a print is refused.
def leave(*_):
    os.write(1, b"leaves\\n")
    sys.exit(3)

if sys.argv[1] == "own":
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)
print(f"serves {os.getpid()}", flush=True)
while True:
    signal.pause()
`,
    });
    await using prewarm = new Prewarm(project);
    for (const words of [["--"], ["run", "--"]]) {
      const command = prewarm.command([...words, interpreter, "serves.py", kind]);
      await command.writes("serves ");
      await command.writes("\n");
      const pid = Number(/serves (\d+)\n/.exec(command.text("stdout"))?.[1]);
      command.signal(signal);
      const end = await command.finished;
      expect([end.exit, end.signal, end.stdout.includes("leaves")], words.join(" ")).toEqual([
        exit,
        null,
        kind === "own",
      ]);
      // It had gone before its command did.
      expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    }
  },
);

test("the tests of unittest run again after a save, with their own words", async () => {
  using project = new Project({
    "prices.py": "def price(): return 1\n",
    "test_prices.py": `
import unittest, prices

class Prices(unittest.TestCase):
    def test_price(self):
        import late
        self.assertEqual(prices.price(), late.EXPECTED)
`,
    "late.py": "EXPECTED = 1\n",
  });
  await using prewarm = new Prewarm(project);
  const watch = prewarm.command(["--", interpreter, "-m", "unittest"]);
  await watch.writes("prewarm: ended with exit code 0", "stderr");
  await watch.writes("OK\n", "stderr");
  project.write("prices.py", "def price(): return 2\n");
  await watch.writes("AssertionError: 2 != 1", "stderr");
  await watch.writes("prewarm: ended with exit code 1", "stderr");
  // Imported by a test: no checkpoint lies there, but a save of it is seen.
  project.write("late.py", "EXPECTED = 2\n");
  await watch.writes("prewarm: ended with exit code 0", "stderr", 2);
  watch.signal("SIGINT");
  expect((await watch.finished).exit).toBe(0);
});

test("what a program writes while it runs starts nothing anew", async () => {
  using project = new Project({
    "counts.py": `
import json, pathlib
path = pathlib.Path("count.json")
count = json.loads(path.read_text())
import step
path.write_text(json.dumps(count + step.STEP))
print("count", count)
`,
    "step.py": "STEP = 1\n",
    "count.json": "0",
  });
  await using prewarm = new Prewarm(project);
  const watch = prewarm.command(["--", interpreter, "counts.py"]);
  await watch.writes("prewarm: ended with exit code 0", "stderr");
  project.write("step.py", "STEP = 2\n");
  // What it has read is different now: it starts before it has read it.
  await watch.writes("prewarm: ended with exit code 0", "stderr", 2);
  await watch.writes("count 0\ncount 1\n");
  expect(watch.text("stderr").match(/edit .*/g)).toEqual(["edit step.py"]);
  watch.signal("SIGINT");
  await watch.finished;
});
