// Whoever asks for tests can have them run on nodes: the plugin of pytest, the page, and both servers.
import { expect, test } from "vitest";
import { HttpClient } from "../rig/http-client.ts";
import { interpreter } from "../rig/interpreter.ts";
import { nodeSideOf } from "../rig/nodes.ts";
import { PluginShop } from "../rig/plugin-shop.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";
import { RpcClient } from "../rig/rpc-client.ts";

const ON_NODE = { "test_it.py": 'import os\n\n\ndef test_it():\n    assert "/nodes/" in os.getcwd()\n' };
const FLAGS = ["--on", "local:2"];

test("pytest --prewarm-on, and --prewarm with PREWARM_ON", async () => {
  await using shop = new PluginShop(ON_NODE);
  for (const args of [["--prewarm-on", "local:2", "-q"], ["--prewarm-on=local:2"]]) {
    const run = await shop.pytest(args);
    expect(run.stderr).toBe("");
    expect(run.exit, run.stdout).toBe(0);
    expect(run.stdout).toContain("1 passed");
  }
  expect((await shop.pytest(["--prewarm"], { env: { PREWARM_ON: "local:2" } })).exit).toBe(0);
  // Without it they run here.
  expect((await shop.pytest(["--prewarm"])).exit).toBe(1);
  const wrong = await shop.pytest(["--prewarm-on", "cloud"]);
  expect(wrong.exit).toBe(1);
  expect(wrong.stderr).toContain("prewarm: this is plain pytest: Expected --on to be `local:N`");
});

test("prewarm serve --stdio and --http", async () => {
  using project = new Project(ON_NODE);
  await using prewarm = new Prewarm(project);
  using server = new RpcClient(prewarm, [], FLAGS);
  await server.ask("run-tests");
  expect(await server.notified("finished")).toMatchObject({ exit: 0, records: [{ exit: 0, tests: 1 }] });
  await server.ask("shutdown");
  expect(await server.exited).toBe(0);
  await using http = await HttpClient.serve(prewarm, [], FLAGS);
  const events = http.events("none-0");
  // From here on it is told of what happens.
  expect((await events.next()).value).toMatchObject({ name: "reset" });
  const run = await http.run();
  for await (const { data } of events) if (data.run === run && data.event?.type === "run-finished") break;
  expect(await http.json(`/runs/${run}`)).toMatchObject({ record: { exit: 0, tests: 1 } });
});

test("prewarm ui", async () => {
  using project = new Project({
    "puppet.py": PUPPET_MODULE,
    "test_it.py": "import puppet\n\n\ndef test_it():\n    puppet.play('one')\n",
  });
  await using prewarm = new Prewarm(project);
  await using master = await PuppetMaster.listen(prewarm);
  const flags = ["--no-open", "--python", interpreter, ...FLAGS, "--node-env", "PUPPET_SOCKET"];
  const page = prewarm.command(["ui", ...flags, "--", "pytest"]);
  const puppet = await master.next();
  expect(nodeSideOf(prewarm, puppet.pid).words).toContain("node");
  puppet.say("pass");
  await puppet.gone;
  page.signal("SIGINT");
  await page.finished;
});
