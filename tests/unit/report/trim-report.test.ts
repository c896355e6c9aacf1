import { expect, test } from "vitest";
import { trimReport } from "../../../src/report/trim-report.ts";

const lines = (count: number, name: string): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${name} ${n}`);

test("a short report is told as it is, without colours", () => {
  expect(trimReport("def test():\n\u001b[31m>   assert 0\u001b[0m\nE   assert 0\n")).toBe(
    "def test():\n>   assert 0\nE   assert 0",
  );
});

test("of a long one, beginning and error are kept, however much was printed after it", () => {
  const text = [...lines(100, "frame"), "E   assert 3 == 4", ...lines(500, "printed")].join("\n");
  const trimmed = trimReport(text).split("\n");
  expect(trimmed).toHaveLength(42);
  expect(trimmed.slice(0, 9)).toEqual([...lines(8, "frame"), "… 80 lines left out …"]);
  expect(trimmed).toContain("E   assert 3 == 4");
  expect(trimmed.at(-1)).toBe("… 481 lines left out …");
});

test("an error at the very beginning is told once", () => {
  const text = ["E   SyntaxError", ...lines(100, "source")].join("\n");
  expect(trimReport(text).split("\n")).toEqual(["E   SyntaxError", ...lines(19, "source"), "… 81 lines left out …"]);
});

test("a line without end is cut", () => {
  expect(trimReport("x".repeat(1000))).toBe(`${"x".repeat(300)}…`);
});
