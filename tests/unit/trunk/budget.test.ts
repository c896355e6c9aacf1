import { expect, test } from "vitest";
import { budgetFor } from "../../../src/trunk/budget.ts";

const GIBIBYTE = 2 ** 30;

test("where memory is plenty or unknown, twelve cuts", () => {
  expect(budgetFor(8 * GIBIBYTE)).toEqual({ mostCuts: 12, priceMs: 60, mostProcesses: 20, keepsPrevious: true });
  expect(budgetFor(null)).toEqual(budgetFor(8 * GIBIBYTE));
});

test("the less is free, the fewer cuts, the more each has to save, and the fewer processes in all", () => {
  const budgets = [4, 2, 1, 0.5, 0.2, 0].map((size) => budgetFor(size * GIBIBYTE));
  expect(budgets.map(({ mostCuts }) => mostCuts)).toEqual([12, 10, 5, 2, 1, 1]);
  expect(budgets.map(({ priceMs }) => priceMs)).toEqual([60, 72, 144, 360, 720, 720]);
  expect(budgets.map(({ keepsPrevious }) => keepsPrevious)).toEqual([true, false, false, false, false, false]);
  expect(budgets.map(({ mostProcesses }) => mostProcesses)).toEqual([20, 18, 10, 5, 4, 4]);
});
