import { describe, expect, test } from "vitest";
import { percentile, reckonEfficiency } from "../../../src/insight/efficiency.ts";
import { judgeEfficiency } from "../../../src/insight/efficiency-verdict.ts";
import type { TestCost } from "../../../src/protocol/events.ts";
import { cost } from "./costs.ts";

const on = (worker: string): Partial<TestCost> => ({ worker });

test("worker time is work, gaps between tests, and the wait for the last worker", () => {
  const tests = [
    cost("a", 1000, 100, 100, on("gw0")),
    cost("b", 1120, 80, 0, on("gw0")),
    cost("c", 1010, 290, 145, on("gw1")),
  ];
  const found = reckonEfficiency(tests, 4);
  expect(found).toMatchObject({
    tests: 3,
    workers: 2,
    wallMs: 300,
    workMs: 470,
    cpuMs: 245,
    efficiency: 470 / 600,
    saturation: 245 / 1200,
    handOutMs: 20 + 10,
    tailMs: 100,
    spread: 100 / 300,
    floor: { id: "c", ms: 290 },
    bestMs: 290,
    overASecond: 0,
  });
  expect((found?.workMs ?? 0) + (found?.handOutMs ?? 0) + (found?.tailMs ?? 0)).toBe(2 * 300);
});

test("set-up and tear-down are part of a test", () => {
  const phases = { setup: { wallMs: 30, cpuMs: 1 }, teardown: { wallMs: 20, cpuMs: 2 } };
  expect(reckonEfficiency([cost("a", 0, 50, 5, phases)], 2)).toMatchObject({ workMs: 100, cpuMs: 8, wallMs: 100 });
});

test("nothing measured comes to nothing", () => {
  expect(reckonEfficiency([], 2)).toBeUndefined();
});

test("a percentile is a value that was measured", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  expect([0.5, 0.9, 0.99].map((part) => percentile(hundred, part))).toEqual([50, 90, 99]);
  expect(percentile([7], 0.99)).toBe(7);
});

describe("the verdict", () => {
  const verdict = (tests: readonly TestCost[], cores = 2) => {
    const found = reckonEfficiency(tests, cores);
    return found && judgeEfficiency(found, cores);
  };
  const row = (worker: string, count: number, ms: number, cpu: number, gapMs = 0) =>
    Array.from({ length: count }, (_, index) => cost(`${worker}-${index}`, index * (ms + gapMs), ms, cpu, on(worker)));

  test("a test that takes as long as the run is a straggler", () => {
    const tests = [...row("gw0", 5, 10, 10), cost("long", 0, 900, 900, on("gw1"))];
    expect(verdict(tests)).toMatchObject({ kind: "straggler", text: expect.stringContaining("long takes 0.90 s") });
  });

  test("so is what keeps one worker longer than the others", () => {
    expect(verdict([...row("gw0", 10, 10, 10), ...row("gw1", 7, 10, 10)])).toMatchObject({ kind: "straggler" });
  });

  test("workers that stand still between tests are low efficiency", () => {
    const tests = [...row("gw0", 10, 10, 10, 5), ...row("gw1", 10, 10, 10, 5)];
    expect(verdict(tests)).toMatchObject({ kind: "low-efficiency" });
  });

  test("tests that compute on every core are CPU-bound", () => {
    expect(verdict([...row("gw0", 10, 10, 10), ...row("gw1", 10, 10, 10)])).toMatchObject({ kind: "cpu-bound" });
  });

  test("tests that wait are worth more workers: cores by the share of a core that each uses", () => {
    const found = verdict([...row("gw0", 10, 10, 4), ...row("gw1", 10, 10, 4)]);
    expect(found).toEqual({
      kind: "more-workers",
      text: "-n 5 would keep all cores busy: 2 cores / 40 % of a core each = 5",
    });
  });

  test("sleepers alone never ask for more than four workers a core, nor for more than there are tests", () => {
    expect(verdict(row("", 100, 10, 0))?.text).toMatch(/^-n 8 /);
    expect(verdict(row("", 6, 10, 0))?.text).toMatch(/^-n 6 /);
  });

  test("little work is not worth sharing", () => {
    expect(verdict(row("", 4, 10, 10))).toMatchObject({ kind: "right" });
  });
});
