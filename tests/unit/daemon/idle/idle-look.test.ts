// One comparison with a cold run that nobody has asked for: which tests it runs, and what it makes of a second look.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Found, look } from "../../../../src/daemon/idle/idle-look.ts";
import type { FinishedRun } from "../../../../src/protocol/api.ts";
import type { Difference } from "../../../../src/report/verification.ts";
import { ColdRefused } from "../../../../src/verify/cold-run.ts";
import { interpreter } from "../../../rig/interpreter.ts";
import { Project } from "../../../rig/project.ts";

const TESTS = "def test_one():\n    pass\n\n\ndef test_two():\n    assert 0\n";
const DIFFERENCE: Difference = { key: "test_a.py::test_one", warm: "failed", cold: "passed" };

interface Wish {
  readonly outcomes: FinishedRun["outcomes"];
  readonly ids?: readonly string[];
  readonly suspects?: readonly Difference[];
  readonly args?: readonly string[];
}

async function lookAt(project: Project, { outcomes, ids, suspects = [], args = [] }: Wish): Promise<Found> {
  const { PATH = "", HOME = "" } = process.env;
  const exit = Object.values(outcomes).includes("failed") ? 1 : 0;
  const record = { exit, way: "warm", reason: "", durationMs: 5, firstTestMs: 4, tests: 2, modules: 0 } as const;
  return look(project.at("state"), {
    run: {
      launch: { python: interpreter, script: "", isModule: true, args: ["test_a.py", ...args] },
      requester: { cwd: project.root, env: { PATH, HOME }, umask: 0o22 },
      record: { ...record, coldMs: null, unfinished: 0 },
      ...{ outcomes, outdated: [], selection: "all", changed: null },
    },
    ...{ ids: ids ?? null, suspects, comparedBefore: new Set(), abort: new AbortController().signal },
  });
}

function kept(project: Project): readonly string[] {
  return readdirSync(project.at("state/verify"));
}

test("a difference is none before it was seen twice, and leaves nothing", async () => {
  using project = new Project({ "test_a.py": TESTS });
  const outcomes = { "test_a.py::test_one": "failed", "test_a.py::test_two": "failed" } as const;
  const { differences } = await lookAt(project, { outcomes });
  expect(differences).toEqual([DIFFERENCE]);
  expect(kept(project)).toEqual([]);
  const again = await lookAt(project, { outcomes, suspects: differences });
  expect(again.comparison).toMatchObject({ verdict: "different", differences: [DIFFERENCE], compared: 2, of: 2 });
  expect(again.differences).toEqual([]);
  expect(kept(project)).toEqual([expect.stringMatching(/^different-/)]);
  const both = readFileSync(join(again.comparison.evidence ?? "", "outcomes.json"), "utf8");
  expect(JSON.parse(both)).toMatchObject({ prewarm: outcomes, exits: { prewarm: 1, cold: 1 } });
});

test("what a second look does not say again is unsteady", async () => {
  using project = new Project({ "test_a.py": TESTS });
  const outcomes = { "test_a.py::test_one": "passed", "test_a.py::test_two": "failed" } as const;
  const suspects = [{ key: "test_a.py::test_one", warm: "passed", cold: "failed" }];
  const { comparison } = await lookAt(project, { outcomes, suspects });
  expect(comparison).toMatchObject({ verdict: "unsteady", differences: suspects });
});

test("a sample runs alone, and what was left out is no difference", async () => {
  using project = new Project({ "test_a.py": TESTS });
  const outcomes = { "test_a.py::test_one": "passed", "test_a.py::test_two": "passed" } as const;
  const { comparison, differences, compared } = await lookAt(project, { outcomes, ids: ["test_a.py::test_one"] });
  expect([comparison.verdict, differences, compared]).toEqual(["equal", [], ["test_a.py::test_one"]]);
  expect(comparison).toMatchObject({ compared: 1, of: 2 });
});

test("a run that would write a report again is refused, also where a file of the project says so", async () => {
  using project = new Project({ "test_a.py": TESTS, "pytest.ini": "[pytest]\naddopts = --junitxml=report.xml\n" });
  await expect(lookAt(project, { outcomes: { "test_a.py::test_one": "passed" } })).rejects.toThrow(ColdRefused);
  expect(readdirSync(project.root).toSorted()).toEqual(["pytest.ini", "state", "test_a.py"]);
});
