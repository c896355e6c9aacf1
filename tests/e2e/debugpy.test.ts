// A debug server in the process of a run, with the real debugpy and its adapter.
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { DebugAdapter } from "../rig/debug-adapter.ts";
import { hasModule, interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const FILES = {
  "test_shop.py": `
def test_before():
    assert True


def test_total():
    total = 41
    assert total == 41
`,
};
const TOTAL_LINE = 8;
const ARGS = ["-p", "no:cacheprovider"];

test("an editor attaches, stops at a line, looks at a variable, and lets the run go on; the next run has no server", async ({
  skip,
}) => {
  if (!hasModule("debugpy")) skip("debugpy is not installed");
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  await prewarm.run(ARGS);
  const { command, finished } = prewarm.start(ARGS, { flags: ["--debugpy-wait", "0"] });
  await command.writes("debugpy waits for an editor on 127.0.0.1:", "stderr");
  using editor = await DebugAdapter.attach(Number(/127\.0\.0\.1:(\d+)/.exec(command.text("stderr"))?.[1]));
  editor.send("initialize", { adapterID: "spec", pathFormat: "path" });
  expect((await editor.heard("initialize")).success).toBe(true);
  editor.send("attach", { justMyCode: false });
  await editor.heard("initialized");
  const breakpoints = [{ line: TOTAL_LINE }];
  editor.send("setBreakpoints", { source: { path: project.at("test_shop.py") }, breakpoints });
  expect((await editor.heard("setBreakpoints")).body).toMatchObject({ breakpoints: [{ verified: true }] });
  editor.send("configurationDone");
  const stopped = await editor.heard("stopped");
  expect(stopped.body).toMatchObject({ reason: "breakpoint" });
  editor.send("stackTrace", { threadId: stopped.body?.threadId });
  const { stackFrames } = (await editor.heard("stackTrace")).body as { stackFrames: { id: number; line: number }[] };
  expect(stackFrames[0]?.line).toBe(TOTAL_LINE);
  editor.send("evaluate", { expression: "total + 1", frameId: stackFrames[0]?.id });
  expect((await editor.heard("evaluate")).body).toMatchObject({ result: "42" });
  editor.send("continue", { threadId: stopped.body?.threadId });
  const { exit, stdout, outcomes } = await finished;
  expect({ exit, outcomes: Object.values(outcomes ?? {}) }).toEqual({ exit: 0, outcomes: ["passed", "passed"] });
  expect(stdout).toContain("2 passed");
  expect((await prewarm.status()).lastRecord?.way).toBe("warm");
  const { stderr } = await prewarm.run(ARGS);
  expect(stderr).not.toContain("debugpy");
});

test("without debugpy, and on a port that is taken: what to do instead", async ({ skip }) => {
  using project = new Project({
    ...FILES,
    "lacks/debugpy.py": "raise ImportError('there is none')\n",
    "pytest.ini": "[pytest]\npythonpath = lacks\n",
  });
  await using prewarm = new Prewarm(project);
  const without = await prewarm.run([], { flags: ["--debugpy"] });
  expect(without).toMatchObject({ exit: 69, stdout: "" });
  expect(without.stderr).toContain(`error[no-debugpy] ${interpreter} cannot import debugpy.`);
  expect(without.stderr).toContain("-m pip install debugpy");
  if (!hasModule("debugpy")) skip("debugpy is not installed");
  project.remove("lacks");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? String(address?.port) : "";
  const taken = await prewarm.run([], { flags: ["--debugpy", port] });
  expect(taken).toMatchObject({ exit: 69, stdout: "" });
  expect(taken.stderr).toContain(`debugpy does not listen on 127.0.0.1:${port}`);
  server.close();
});
