// `prewarm mcp`, asked by the official SDK's own client.
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { expect, test } from "vitest";
import { interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";

const PROJECT = {
  "pytest.ini": "[pytest]\npythonpath = .\n",
  "shop.py": "def total(): return 3\n",
  "tests/test_cart.py": "import shop\ndef test_total(): assert shop.total() == 4\ndef test_tax(): pass\n",
  "tests/test_mail.py": "def test_sent(): pass\n",
};
const TOTAL = "tests/test_cart.py::test_total";

test("an agent runs tests, reads what failed, mends it, and runs what the edit affects", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project);
  await using agent = await Agent.start(prewarm, ["tests"]);

  expect(await agent.names()).toEqual(["explain", "last_failures", "list_tests", "run_tests", "status"]);
  expect(await agent.call("list_tests")).toBe(
    `3 tests\n${TOTAL}\ntests/test_cart.py::test_tax\ntests/test_mail.py::test_sent`,
  );
  expect(await agent.call("last_failures")).toBe("No test failed in the last run that it was in.");
  expect(await agent.call("run_tests", { selection: "failed" })).toContain("nothing was run");

  const all = await agent.call("run_tests");
  expect(all).toMatch(/^1 failed, 2 passed · exit 1 · /);
  expect(all).toContain(`failed: ${TOTAL} at tests/test_cart.py:2`);
  expect(all).toContain("E   assert 3 == 4");
  expect(await agent.call("run_tests", { path: "mail" })).toMatch(
    new RegExp(`^1 passed · exit 0 · .*\\n\\n1 still failing, not run:\\n${TOTAL}$`),
  );
  expect(await agent.call("last_failures")).toContain(`1 failed in their last run\n\nfailed: ${TOTAL}`);

  project.write("shop.py", "def total(): return 4\n");
  const affected = await agent.call("run_tests", { selection: "affected" });
  expect(affected).toMatch(/passed · \d unaffected, not run · exit 0 · /);
  expect(await agent.call("explain", { about: "shop.py" })).toContain("shop.py");
  expect(await agent.call("last_failures")).toBe("No test failed in the last run that it was in.");
  expect(await agent.call("run_tests", { name: "sent" })).toMatch(/^1 passed · exit 0 · /);
  expect(await agent.call("run_tests", { ids: [] })).toMatch(/^no test ran · exit 5 · /);
  expect(await agent.call("status")).toContain("pytest tests");
});

test("the tests of a file that did not collect run with the failed ones when it does", async () => {
  using project = new Project({ ...PROJECT, "shop.py": "def total(:\n" });
  await using prewarm = new Prewarm(project);
  await using agent = await Agent.start(prewarm, ["tests"]);
  const broken = await agent.call("run_tests");
  expect(broken).toContain("does not collect: tests/test_cart.py");
  expect(broken).toContain("exit 2");
  project.write("shop.py", "def total(): return 4\n");
  expect(await agent.call("run_tests", { selection: "failed" })).toMatch(/^3 passed · exit 0 · /);
});

test("a call that is given up ends its run, and wrong parameters are refused", async () => {
  using project = new Project({
    ...PROJECT,
    "puppet.py": PUPPET_MODULE,
    "tests/test_slow.py": "import puppet\ndef test_slow(): puppet.play('slow')\n",
  });
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  await using agent = await Agent.start(prewarm, ["tests/test_slow.py"]);
  const giveUp = new AbortController();
  const call = agent.client
    .callTool({ name: "run_tests", arguments: {} }, { signal: giveUp.signal })
    .catch((error: unknown) => error);
  const puppet = await puppets.next();
  await puppet.occupy("hang");
  giveUp.abort();
  expect(await call).toBeInstanceOf(Error);
  await puppet.gone;
  const wrong = await agent.client.callTool({ name: "run_tests", arguments: { selection: "fast" } }).then(
    ({ isError }) => isError,
    () => true,
  );
  expect(wrong).toBe(true);
});

test("what is not there, and what pytest does not take, is said in words", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project);
  await using agent = await Agent.start(prewarm, ["tests"]);
  const asked = async (params: Readonly<Record<string, unknown>>) =>
    (await agent.call("run_tests", params)).split("\n");
  expect(await asked({ ids: [TOTAL, "tests/test_cart.py::test_totl"] })).toEqual(
    expect.arrayContaining([
      "no such test: tests/test_cart.py::test_totl",
      expect.stringContaining(`failed: ${TOTAL}`),
    ]),
  );
  expect(await asked({ path: "nowhere" })).toContain("no test matches path: nowhere");
  expect(await asked({ name: "total or" })).toEqual(
    expect.arrayContaining([
      expect.stringContaining("exit 4"),
      expect.stringContaining("ERROR: Wrong expression passed to '-k'"),
    ]),
  );
});

test("what cannot be served is said with its next step", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project);
  const command = prewarm.command(["mcp", "--python", project.at("none/python"), "--", "pytest"]);
  const { exit, stdout, stderr } = await command.finished;
  expect({ exit, stdout }).toEqual({ exit: 69, stdout: "" });
  expect(stderr).toContain("prewarm: error[no-python]");
});

/** An agent that has started `prewarm mcp`. */
class Agent implements AsyncDisposable {
  readonly client = new Client({ name: "test", version: "1" });

  static async start(prewarm: Prewarm, args: readonly string[]): Promise<Agent> {
    const agent = new Agent();
    const { words, cwd } = prewarm.words(["mcp", "--python", interpreter, "--", "pytest", ...args]);
    const [command = "", ...rest] = words;
    await agent.client.connect(
      new StdioClientTransport({ command, args: rest, cwd, env: { ...prewarm.environment() } }),
    );
    return agent;
  }

  async names(): Promise<readonly string[]> {
    const { tools } = await this.client.listTools();
    return tools.map(({ name }) => name).toSorted();
  }

  async call(name: string, args: Record<string, unknown> = {}): Promise<string> {
    const { content, isError } = await this.client.callTool({ name, arguments: args });
    const [part] = content as readonly { readonly type: string; readonly text?: string }[];
    if (isError === true) throw new Error(part?.text);
    return part?.text ?? "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}
