// While nothing is asked of it, prewarm compares itself with cold runs, and leaves at the first request or edit.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import type { IdleComparison } from "../../src/protocol/api.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

/** All of the time, so that no test waits for a share of it; without programs that would make a busy machine forget about it. */
const ALWAYS = { PREWARM_VERIFY_WHEN_IDLE: "100", PATH: "/nowhere" };
const PAUSE_MS = 100;

/** The next comparison after that of this moment. */
async function comparison(prewarm: Prewarm, afterMs = 0): Promise<IdleComparison> {
  for (;;) {
    const { exit, stdout } = await prewarm.command(["verify", "--last", "--json"]).finished;
    if (exit !== 75) {
      const last = JSON.parse(stdout) as IdleComparison;
      if (last.atMs > afterMs) return last;
    }
    await wait(PAUSE_MS);
  }
}

test("what a cold run says as well is equal; nothing of the project is written for it", async () => {
  using project = new Project({
    "test_a.py": "def test_passes():\n    pass\n\n\ndef test_fails():\n    assert 0\n",
    "pytest.ini": "[pytest]\n",
  });
  await using prewarm = new Prewarm(project, ALWAYS);
  await prewarm.run();
  const cache = join(project.root, ".pytest_cache/v/cache/lastfailed");
  project.write(".pytest_cache/v/cache/lastfailed", "{}");
  const last = await comparison(prewarm);
  expect(last).toMatchObject({ verdict: "equal", compared: 2, of: 2, differences: [], evidence: null });
  expect(readFileSync(cache, "utf8")).toBe("{}");
  const { exit, stdout } = await prewarm.command(["verify", "--last"]).finished;
  expect([exit, stdout]).toEqual([
    0,
    expect.stringMatching(/^equal: 2 of 2 outcomes · cold .* ago, when idle · pytest/),
  ]);
  const { stdout: status } = await prewarm.command(["status"]).finished;
  expect(status).toMatch(/^verified when idle · equal: 2 of 2 outcomes, .* ago · everything was compared$/m);
  expect((await prewarm.run()).stderr).not.toContain("own-defect");
});

test("what two cold runs say otherwise is a defect: it is kept, and the next run warns of it once", async () => {
  // A warm process has modules loaded that a cold one has not.
  using project = new Project({
    "test_a.py":
      "import sys\n\n\ndef test_same():\n    pass\n\n\ndef test_differs():\n    assert 'prewarm' not in sys.modules\n",
  });
  await using prewarm = new Prewarm(project, ALWAYS);
  await prewarm.run();
  const last = await comparison(prewarm);
  expect(last).toMatchObject({ verdict: "different", compared: 2, of: 2 });
  expect(last.differences).toEqual([
    { key: "test_a.py::test_differs", warm: "failed", cold: "passed" },
    { key: "exit code", warm: "1", cold: "0" },
  ]);
  expect(readFileSync(join(last.evidence ?? "", "cold-stdout.txt"), "utf8")).toContain("2 passed");
  expect(readFileSync(join(last.evidence ?? "", "report.txt"), "utf8")).toContain("prewarm failed, cold passed");
  const shown = await prewarm.command(["verify", "--last"]).finished;
  expect([shown.exit, shown.stdout]).toEqual([1, expect.stringContaining("Two cold runs agree with each other")]);
  const told = await prewarm.run(["-k", "same"]);
  expect(told.stderr).toContain("warning[own-defect] prewarm was wrong: two cold runs say something else");
  expect((await prewarm.run(["-k", "same"])).stderr).not.toContain("own-defect");
});

const STAYS = `
import os
import sys
import time


def test_stays():
    if "prewarm" in sys.modules:
        return
    mark = os.path.join(os.environ["PREWARM_STATE_DIR"], "mark")
    with open(mark + ".new", "w") as file:
        file.write(str(os.getpid()))
    os.rename(mark + ".new", mark)
    while True:
        time.sleep(0.01)
`;

async function coldProcess(mark: string): Promise<number> {
  while (!existsSync(mark)) await wait(PAUSE_MS);
  return Number(readFileSync(mark, "utf8"));
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("a request and an edit end a look, and the request finds nothing of it left", async () => {
  using project = new Project({ "test_a.py": STAYS });
  await using prewarm = new Prewarm(project, ALWAYS);
  const mark = join(prewarm.stateFolder, "mark");
  await prewarm.run();
  const first = await coldProcess(mark);
  expect((await prewarm.run()).exit).toBe(0);
  expect(isThere(first)).toBe(false);
  rmSync(mark, { force: true });
  const second = await coldProcess(mark);
  project.write("test_a.py", `${STAYS}\n`);
  while (isThere(second)) await wait(PAUSE_MS);
  expect((await prewarm.command(["verify", "--last"]).finished).exit).toBe(75);
});

test("it is off unless asked for; prewarm start can ask", async () => {
  using project = new Project({ "test_a.py": "def test_a():\n    pass\n" });
  await using prewarm = new Prewarm(project);
  await prewarm.run();
  expect((await prewarm.status()).idleCheck).toEqual({
    ...{ percent: 0, last: null },
    doing: "it is off: verify-when-idle",
  });
  await prewarm.command(["restart", "--verify-when-idle"]).finished;
  await prewarm.run();
  expect((await prewarm.status()).idleCheck.percent).toBe(10);
});
