// `prewarm run --shard` on several machines and `prewarm merge` behind them come to what one pytest says.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const SUITE = {
  "test_a.py": "import pytest\n\n\n@pytest.mark.parametrize('n', range(6))\ndef test_a(n):\n    assert n != 4\n",
  "test_b.py": "import time\n\n\ndef test_slow():\n    time.sleep(0.3)\n\n\ndef test_quick():\n    pass\n",
};

test("shards merge to the outcomes of the whole, and the next split knows how long tests take", async () => {
  using project = new Project(SUITE);
  await using prewarm = new Prewarm(project);
  const whole = await prewarm.run();
  const shard = async (index: number, flags: readonly string[]) => {
    const results = project.at(`shard-${index}${flags.length === 0 ? "" : "-timed"}.json`);
    const { outcomes } = await prewarm.run([], { flags: ["--shard", `${index}/2`, "--results", results, ...flags] });
    return { results, ids: Object.keys(outcomes ?? {}) };
  };
  const by = async (flags: readonly string[] = []) => [await shard(1, flags), await shard(2, flags)] as const;
  const equal = await by();
  expect(equal.map(({ ids }) => ids.length)).toEqual([4, 4]);
  const files = equal.map(({ results }) => results);
  const durations = project.at("durations.json");
  const outcomes = project.at("outcomes.json");
  const merge = await prewarm.command(["merge", "--durations", durations, "--outcomes", outcomes, ...files]).finished;
  expect([merge.exit, merge.stderr]).toEqual([1, ""]);
  expect(merge.stdout).toContain("✗ test_a.py::test_a[4] failed\n");
  expect(merge.stdout).toMatch(/✗ 1 failed, 7 passed · 2 shares · .* of tests · exit code 1\n$/);
  expect(JSON.parse(readFileSync(outcomes, "utf8"))).toEqual({ exit: 1, outcomes: whole.outcomes });
  const timed = await by(["--durations", durations]);
  // The slow test takes more than half of the time.
  expect(timed[1].ids).toEqual(["test_b.py::test_slow", "test_b.py::test_quick"]);
  const mixed = await prewarm.command(["merge", files[0] ?? "", timed[1].results]).finished;
  expect([mixed.exit, mixed.stderr]).toEqual([65, expect.stringContaining("are of different splits")]);
});

test("a file that does not collect makes every shard red; what does not fit together is refused", async () => {
  using project = new Project({ ...SUITE, "test_broken.py": "1 / 0\n" });
  await using prewarm = new Prewarm(project);
  const results = [project.at("one.json"), project.at("two.json")];
  for (const [place, file] of results.entries()) {
    const { exit } = await prewarm.run([], { flags: ["--shard", `${place + 1}/2`, "--results", file] });
    expect(exit).toBe(2);
  }
  const merge = await prewarm.command(["merge", ...results]).finished;
  expect([merge.exit, merge.stdout]).toEqual([2, expect.stringContaining("✗ test_broken.py did not collect")]);
  const half = await prewarm.command(["merge", results[0] ?? ""]).finished;
  expect([half.exit, half.stderr]).toEqual([65, expect.stringContaining("share 2 of 2 is missing")]);
  const none = await prewarm.command(["run", "--python", interpreter, "--shard", "3/2"]).finished;
  expect([none.exit, none.stderr]).toEqual([64, expect.stringContaining("error[bad-value]")]);
});
