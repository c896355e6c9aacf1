import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { physicalCores } from "../../../src/base/cores.ts";
import { whyWorkers, workersFor } from "../../../src/worker/workers-for.ts";

const PLENTY = {
  logical: 16,
  physical: 8,
  groups: 1000,
  expectedMs: null,
  availableBytes: null,
  most: 0,
  isWatched: false,
};

test.for([
  ["auto is one worker a core", "auto", {}, 8],
  ["logical is one a thread of execution", "logical", {}, 16],
  ["a number is that many", "20", {}, 20],
  ["never more than there are groups", "20", { groups: 3 }, 3],
  ["never more than the limit", "auto", { most: 2 }, 2],
  ["little memory, fewer workers", "auto", { availableBytes: 300 * 2 ** 20 }, 2],
  ["a number is not lowered by memory", "4", { availableBytes: 2 ** 20 }, 4],
  ["little work, fewer workers", "auto", { expectedMs: 60 }, 2],
  ["next to no work, one", "auto", { expectedMs: 3 }, 1],
  ["a number is not lowered by little work", "4", { expectedMs: 3 }, 4],
  ["but where somebody waits for an edit", "4", { expectedMs: 60, isWatched: true }, 2],
  ["and not by memory there either", "4", { availableBytes: 2 ** 20, isWatched: true }, 4],
  ["nothing to run, one", "auto", { groups: 0 }, 1],
] as const)("%s", ([, wanted, circumstances, count]) => {
  expect(workersFor(wanted, { ...PLENTY, ...circumstances })).toBe(count);
});

test("threads of one core count once", () => {
  const folder = mkdtempSync(join(tmpdir(), "pw-cpu-"));
  try {
    for (const [cpu, siblings] of ["0,2", "1,3", "0,2", "1,3"].entries()) {
      mkdirSync(join(folder, `cpu${cpu}`, "topology"), { recursive: true });
      writeFileSync(join(folder, `cpu${cpu}`, "topology", "thread_siblings_list"), `${siblings}\n`);
    }
    mkdirSync(join(folder, "cpufreq"));
    expect(physicalCores(folder)).toBe(2);
    expect(physicalCores(join(folder, "nowhere"))).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the reason names every limit that there is", () => {
  expect(whyWorkers("auto", { ...PLENTY, expectedMs: 250 })).toBe(
    "the least of 1000 (tests, or groups that share fixtures), 8 (cores), 10 (250 ms of tests, 25 ms each), and at least 1",
  );
  expect(whyWorkers("3", { ...PLENTY, groups: Number.POSITIVE_INFINITY })).toBe(
    "the least of 3 (asked for), and at least 1",
  );
});
