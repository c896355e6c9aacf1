// What the workers of a run are told, by what its command line, its environment and its project say.
import { expect, test } from "vitest";
import { Configuration } from "../../../src/daemon/configuration.ts";
import { requests } from "../protocol/golden-messages.ts";
import { TempProject } from "../watch/temp-project.ts";

const [{ launch, requester }] = requests.run;

test.for([
  ["", {}, [], { count: "", dist: "" }],
  ['workers = "auto"', {}, [], { count: "auto", dist: "" }],
  ["workers = 4", { count: "2", dist: "" }, [], { count: "2", dist: "" }],
  // pytest's own option is on the command line, too.
  ["workers = 4", {}, ["-n2"], { count: "", dist: "" }],
  ["workers = 4", {}, ["--numprocesses", "2"], { count: "", dist: "" }],
  ['workers = 4\ndist = "loadfile"', {}, [], { count: "4", dist: "loadfile" }],
  ['dist = "loadfile"', {}, ["--dist=load"], { count: "", dist: "" }],
  ['workers = 4\ndist = "no"', {}, [], { count: "0", dist: "" }],
  ['workers = 4\ndist = "no"', { count: "2", dist: "" }, [], { count: "2", dist: "" }],
  ["timeout-per-test = 5", {}, [], { count: "", dist: "", timeoutS: 5 }],
  ["timeout-per-test = 5", { count: "", dist: "", timeoutS: 2 }, [], { count: "", dist: "", timeoutS: 2 }],
  ['leaks = "fail"', {}, [], { count: "", dist: "", leaks: "fail" }],
  ['leaks = "fail"', { leaks: "report" }, [], { count: "", dist: "" }],
] as const)(
  "with %j in the file, %j from flags and %j from pytest's arguments",
  async ([text, flags, args, expected]) => {
    using project = new TempProject({ "prewarm.toml": text });
    const configuration = new Configuration(project.root);
    const workers = { count: "", dist: "", ...flags };
    const request = { launch: { ...launch, args }, requester: { ...requester, env: {} }, workers };
    const configured = await configuration.forRun(request);
    expect(configured.ok && configured.value.workers).toEqual(expected);
  },
);

test("a watch goes on with what held before, and says what is wrong; others are refused", async () => {
  using project = new TempProject({ "prewarm.toml": "workers = 4\n" });
  const configuration = new Configuration(project.root);
  const request = { launch, requester: { ...requester, env: {} } };
  expect(await configuration.forRun(request)).toMatchObject({ ok: true, value: { doubt: null } });
  project.write("prewarm.toml", "worker = 4\n");
  expect(await configuration.forRun(request)).toMatchObject({
    ok: true,
    value: { workers: { count: "4" }, doubt: { code: "unknown-key" } },
  });
  expect(await configuration.forRun({ ...request })).toMatchObject({ ok: false, error: { code: "unknown-key" } });
});
