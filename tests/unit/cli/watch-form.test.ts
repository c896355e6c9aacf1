import { expect, test } from "vitest";
import { chooseForm } from "../../../src/cli/watch-form.ts";

const person = { isInteractive: true, env: {} };

test("a person gets the screen, a pipe, CI and a terminal that cannot erase get lines", () => {
  expect(chooseForm({}, ["tests", "-x"], person)).toBe("screen");
  expect(chooseForm({}, ["tests"], { isInteractive: false, env: {} })).toBe("lines");
  expect(chooseForm({}, ["tests"], { isInteractive: true, env: { CI: "1" } })).toBe("lines");
  expect(chooseForm({}, ["tests"], { isInteractive: true, env: { TERM: "dumb" } })).toBe("lines");
  expect(chooseForm({ json: true }, ["-s"], person)).toBe("json");
});

test.each([
  ["-s"],
  ["-xs"],
  ["-vsq"],
  ["--pdb"],
  ["--trace"],
  ["--capture=no"],
  ["--capture", "no"],
  ["--collect-only"],
])("pytest's own output is what %s asks for", (...args) => {
  expect(chooseForm({}, [...args, "tests"], person)).toBe("native");
  expect(chooseForm({}, ["tests"], { ...person, env: { PYTEST_ADDOPTS: args.join(" ") } })).toBe("native");
});

test.each([["-k", "spam"], ["-x", "-v"], ["-m", "slow"], ["--capture", "sys"], ["-rs"], ["-p", "no:sugar"]])(
  "%s %s leaves the screen",
  (...args) => {
    expect(chooseForm({}, args, person)).toBe("screen");
  },
);

test("quiet means no lines of ours", () => {
  expect(chooseForm({ quiet: true }, [], person)).toBe("native");
  expect(chooseForm({}, [], { ...person, env: { PREWARM_QUIET: "1" } })).toBe("native");
});
