import { expect, test } from "vitest";
import { diffOf, splitReport } from "../../../web/detail/split-report.ts";

test("a report is split where the captured output begins", () => {
  const output = "---------------------------- Captured stdout call ----------------------------\nhello";
  expect(splitReport(`E   assert 1 == 2\n\nt.py:1: AssertionError\n${output}`)).toEqual({
    traceback: "E   assert 1 == 2\n\nt.py:1: AssertionError",
    output,
  });
  expect(splitReport("E   assert 0")).toEqual({ traceback: "E   assert 0", output: "" });
});

test("the difference of two values is found, and where a value is from is none", () => {
  const text = [
    ">       assert a == b",
    "E       assert [1] == [2]",
    "E         ",
    "E         At index 0 diff: 1 != 2",
  ];
  expect(diffOf([...text, "E         - [2]", "E         + [1]", "", "t.py:1: AssertionError"].join("\n"))).toEqual([
    "assert [1] == [2]",
    "",
    "At index 0 diff: 1 != 2",
    "- [2]",
    "+ [1]",
  ]);
  expect(diffOf("E       assert f(1)\nE        +  where 0 = f(1)")).toEqual([]);
});
