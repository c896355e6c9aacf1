// What pytest keeps between runs: each warm run reads what the one before has written.
import { expect, test } from "vitest";
import { ColdAndWarm } from "../rig/same-as-cold.ts";

const tests = (...outcomes: readonly number[]) =>
  outcomes.map((outcome, place) => `def test_${place}():\n    assert ${outcome}\n\n\n`).join("");

test("failures first, or alone, over several runs and a mended test", async () => {
  await using twins = new ColdAndWarm({ "test_a.py": tests(0, 1, 0), "test_b.py": tests(1), "test_c.py": tests(0) });
  for (const line of ["--lf", "--lf", "--ff", "--nf -q", "test_a.py --lf"]) await twins.same(line);
  expect(await twins.way()).toBe("warm");
  await twins.edit({ "test_a.py": tests(1, 1, 0) }, "--lf");
  await twins.same("--lf");
  await twins.edit({ "test_a.py": tests(1, 1, 1), "test_c.py": tests(1), "test_d.py": tests(1) }, "--lf");
  for (const line of ["--lf", "--lf --lfnf=none", "--nf -v"]) await twins.same(line);
});

test("stepwise, over several runs", async () => {
  await using twins = new ColdAndWarm({ "test_a.py": tests(1, 0, 1, 0), "test_b.py": tests(1) });
  for (const line of ["--sw", "--sw", "--sw --stepwise-skip"]) await twins.same(line);
  await twins.edit({ "test_a.py": tests(1, 1, 1, 0) }, "--sw");
  await twins.edit({ "test_a.py": tests(1, 1, 1, 1) }, "--sw");
  await twins.same("--sw");
});

test("a cleared cache stays filled by the runs that follow", async () => {
  await using twins = new ColdAndWarm({ "test_a.py": tests(0, 1) });
  for (const line of ["--cache-clear", "--lf", "--cache-clear --lf", "--lf", "--cache-show cache/lastfailed"])
    await twins.same(line);
  await twins.edit({ "test_a.py": tests(0, 1, 1) }, "--lf");
});
