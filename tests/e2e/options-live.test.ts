// Options that a live session takes over: each run has its own, and none of them stays for the next one.
import { expect, test } from "vitest";
import { ColdAndWarm } from "../rig/same-as-cold.ts";
import { VARIED } from "./varied-project.ts";

const SELECTING = [
  "",
  "-k one",
  "-k nothing",
  "-m slow",
  "-x",
  "--maxfail=2 -v",
  "--deselect tests/test_a.py::test_two -q",
  "tests/test_b.py -k b1",
];
const REPORTING = [
  "",
  "-v --durations=1",
  "-vv --tb=short --color=yes",
  "-qq",
  "-rA --tb=line --showlocals",
  "-rfE --no-header --tb=no",
  "--no-summary --tb=native",
  "--setup-show --disable-warnings",
  "-s",
  "--collect-only -q",
  "--pdb",
  "",
];

test.for([
  ["selecting", SELECTING],
  ["reporting", REPORTING],
] as const)("%s", async ([, lines]) => {
  await using twins = new ColdAndWarm(VARIED);
  for (const line of lines) await twins.same(line);
  const { lastRecord, trunks } = await twins.prewarm.status();
  expect(lastRecord?.way).toBe("warm");
  expect(trunks).toHaveLength(1);
});

test("options of the environment and of the configuration", async () => {
  await using twins = new ColdAndWarm(VARIED);
  const addopts = (text: string) => ({ env: { PYTEST_ADDOPTS: text } });
  await twins.same();
  await twins.same("", addopts("-v -k one"));
  await twins.same("-q", addopts("-v -k two"));
  await twins.same("", addopts("--no-such-option"));
  await twins.same("", addopts("-p no:cacheprovider"));
  await twins.edit({ "pytest.ini": `${VARIED["pytest.ini"]}addopts = -rA -k 'not slow'\n` });
  await twins.same("-k slow", addopts("-v"));
});
