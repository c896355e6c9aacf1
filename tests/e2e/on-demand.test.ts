// Runs of one door that are limited to what edits affect: what is known after each is what a cold pytest says.
import { expect, test } from "vitest";
import type { Outcome, RunEvent } from "../../src/protocol/events.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { RpcClient } from "../rig/rpc-client.ts";

const PROJECT: Readonly<Record<string, string>> = {
  "pytest.ini": "[pytest]\npythonpath = .\n",
  "app/__init__.py": "",
  "app/prices.py": "FACTOR = 1\ndef total(a): return a * FACTOR\ndef tax(a): return a / 5\n",
  "app/cart.py":
    "from app import prices\nclass Cart:\n    size = 2\n    def sum(self): return prices.total(self.size)\n",
  "data.txt": "1",
  "conftest.py": "import pytest\n@pytest.fixture(scope='session')\ndef rate():\n    yield open('data.txt').read()\n",
  "test_prices.py":
    "from app import prices\ndef test_total(): assert prices.total(2) == 2\ndef test_tax(): assert prices.tax(5) == 1\n",
  "test_cart.py":
    "from app.cart import Cart\ndef test_sum(): assert Cart().sum() == 2\ndef test_size(): assert Cart.size == 2\n",
  "test_rate.py": "def test_rate(rate): assert rate == '1'\ndef test_none(): pass\n",
  "test_late.py": "def test_late():\n    import app.late\n    assert app.late.X == 1\n",
  "app/late.py": "X = 1\n",
};

type Edit = Readonly<Record<string, string | null>>;

const EDITS: readonly (readonly [name: string, edit: Edit])[] = [
  ["nothing", {}],
  ["a body that fails", { "app/prices.py": PROJECT["app/prices.py"]?.replace("a / 5", "a / 4") ?? "" }],
  [
    "another body, with the first still wrong",
    { "app/cart.py": PROJECT["app/cart.py"]?.replace("self.size)", "3)") ?? "" },
  ],
  ["both undone", { "app/prices.py": PROJECT["app/prices.py"] ?? "", "app/cart.py": PROJECT["app/cart.py"] ?? "" }],
  ["a module's value", { "app/prices.py": PROJECT["app/prices.py"]?.replace("FACTOR = 1", "FACTOR = 3") ?? "" }],
  ["a data file", { "data.txt": "2" }],
  ["a fixture", { "conftest.py": PROJECT["conftest.py"]?.replace("yield open('data.txt').read()", "yield '1'") ?? "" }],
  [
    "a new test, and one that is gone",
    { "test_new.py": "def test_new(): assert 0\n", "test_rate.py": "def test_none(): pass\n" },
  ],
  ["a module that a test imports late", { "app/late.py": "X = 2\n" }],
  ["a file that does not compile", { "app/cart.py": "class Cart(\n" }],
  ["the same mended", { "app/cart.py": PROJECT["app/cart.py"] ?? "" }],
  ["a module that is gone", { "app/late.py": null }],
];

test("after every edit", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project);
  using server = new RpcClient(prewarm);
  await server.ask("subscribe");
  const known = new Map<string, Outcome>();
  const run = async (affected: "learn" | "only"): Promise<number> => {
    const { run: id } = (await server.ask("run-tests", { affected })).result as { run: string };
    let ran = 0;
    for (;;) {
      const message = await server.message(({ method }) => method === "event" || method === "finished");
      const { event, exit } = message.params as { event?: RunEvent; exit?: number; run: string };
      expect((message.params as { run: string }).run).toBe(id);
      if (exit !== undefined) return ran;
      if (event?.type === "plan") for (const each of [...event.gone, ...event.outdated]) known.delete(each);
      if (event?.type !== "test-finished") continue;
      known.set(event.id, event.outcome);
      ran += 1;
    }
  };
  const all = await run("learn");
  expect(known.size).toBe(all);
  for (const [name, edit] of EDITS) {
    for (const [path, text] of Object.entries(edit)) {
      if (text === null) project.remove(path);
      else project.write(path, text);
    }
    const ran = await run("only");
    if (name === "nothing") expect(ran).toBe(0);
    // What exactly ran does not matter here: that nothing is believed which a cold run would not say.
    const cold = await prewarm.plain(["-rA", "-q", "--tb=no", "--continue-on-collection-errors"], {
      env: { PYTHONDONTWRITEBYTECODE: "1" },
    });
    const outcomes = [...cold.stdout.matchAll(/^(PASSED|FAILED) (\S+)/gm)].map(
      ([, word = "", id]) => `${id} ${word.toLowerCase()}`,
    );
    const believed = [...known].map(([id, outcome]) => `${id} ${outcome}`);
    // Where a file does not collect, pytest stops before its first test: what was known before may be kept.
    if (cold.stdout.includes("ERROR ")) expect(outcomes, name).toEqual(expect.arrayContaining(believed));
    else expect(believed.toSorted(), name).toEqual(outcomes.toSorted());
  }
});
