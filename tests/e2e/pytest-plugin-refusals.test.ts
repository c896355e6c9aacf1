// Where `pytest --prewarm` cannot be served: one line that says why, and plain pytest's own verdict.
import { chmodSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { encodeFrame } from "../../src/protocol/frames.ts";
import { Command } from "../rig/command.ts";
import { interpreter, plainPytest } from "../rig/interpreter.ts";
import { PluginShop, shown } from "../rig/plugin-shop.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";

const OURS = /^prewarm: this is plain pytest: .* \(next: .+\)\n$/;

/** What plain pytest does, and one line of ours before it. */
async function expectPlain(shop: PluginShop, reason: string, env: Readonly<Record<string, string>>): Promise<void> {
  const args = ["-k", "one or surroundings"];
  const plain = await shop.pytest(args, { env: { ...env, PREWARM_DISABLE: "1" } });
  const { stderr, ...rest } = await shop.pytest(["--prewarm", ...args], { env });
  expect(stderr).toMatch(OURS);
  expect(stderr).toContain(reason);
  const same = (text: string): string => text.replace("'--prewarm', ", "");
  expect(shown({ ...rest, stdout: same(rest.stdout), stderr: "" })).toEqual(shown(plain));
}

test("no command, one that is none, one whose daemon does not start", async () => {
  await using shop = new PluginShop();
  const { PATH } = process.env;
  const bare = { PATH: PATH?.split(":").at(-1) ?? "", PREWARM_BIN: "" };
  await expectPlain(shop, "there is no `prewarm` command", bare);
  await expectPlain(shop, "PREWARM_BIN names /nowhere", { PREWARM_BIN: "/nowhere" });
  const broken = shop.project.write("broken-prewarm", "#!/bin/sh\necho 'env: node: no such file' >&2\nexit 127\n");
  chmodSync(broken, 0o755);
  await expectPlain(shop, "env: node: no such file", { PREWARM_BIN: broken });
  expect((await shop.prewarm.command(["status"]).finished).stdout).toContain("no daemon");
});

test("a command in node_modules is found", async () => {
  await using shop = new PluginShop();
  const own = shop.prewarm.environment().PREWARM_BIN ?? "";
  const local = shop.project.write(
    "node_modules/.bin/prewarm",
    `#!/bin/sh\nexec '${process.execPath}' '${own}' "$@"\n`,
  );
  chmodSync(local, 0o755);
  const place = { cwd: shop.project.at("tests"), env: shop.prewarm.environment({ PREWARM_BIN: undefined }) };
  const { exit, stderr } = await new Command([...plainPytest, "--prewarm", "-k", "one"], place).finished;
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect((await shop.prewarm.status()).lastRecord?.way).toBe("cold");
});

test("a daemon that speaks otherwise, one that says no, and one that leaves", async () => {
  await using shop = new PluginShop();
  await shop.prewarm.command(["start"]).finished;
  const folder = shop.prewarm.daemonFolder;
  await shop.prewarm.command(["stop"]).finished;
  const socket = join(folder, "daemon.sock");
  const no = { code: "x", sentence: "No room for another run.", next: "wait", exit: 70 };
  for (const { reason, api, answers } of [
    { reason: "the daemon is prewarm 9.9.9", api: 9_999, answers: [] },
    { reason: "No room for another run", answers: [{ type: "failed", problem: no }] },
    { reason: "the daemon has left before the first test", answers: [{ type: "progress", text: "starting" }] },
  ]) {
    const server = createServer((client) => {
      client.on("error", () => client.destroy());
      client.once("data", (chunk: Buffer) => {
        const hello = JSON.parse(chunk.subarray(4, 4 + chunk.readUInt32BE()).toString());
        const greeting = { type: "hello", api: api ?? hello.api, version: "9.9.9", pid: 1 };
        client.write(encodeFrame(greeting));
        client.once("data", () => {
          for (const answer of answers) client.write(encodeFrame(answer));
          client.end();
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const quiet = shop.project.write("quiet-prewarm", "#!/bin/sh\nexit 0\n");
    chmodSync(quiet, 0o755);
    await expectPlain(shop, reason, { PREWARM_BIN: quiet });
    await new Promise((resolve) => server.close(resolve));
  }
});

test("a state folder that others can write", async () => {
  await using shop = new PluginShop();
  const open = shop.project.at("open");
  mkdirSync(open);
  chmodSync(open, 0o777);
  await expectPlain(shop, "can be written by others", { PREWARM_STATE_DIR: open });
});

test("who calls pytest and may go on, an interpreter's options, and who watches it", async () => {
  await using shop = new PluginShop();
  const caller = shop.project.write(
    "caller.py",
    "import pytest\n\ncode = pytest.main(['-q', '--prewarm', '-k', 'one', 'tests'])\nprint('goes on', int(code))\n",
  );
  const place = { cwd: shop.project.root, env: shop.prewarm.environment() };
  const called = await new Command([interpreter, caller], place).finished;
  expect(called.stdout).toContain("goes on 0");
  expect(called.stderr).toContain("caller.py calls pytest and may go on after it");
  const words = ["-m", "pytest", "--prewarm", "-k", "one"];
  const checked = await new Command([interpreter, "-Werror", ...words], place).finished;
  expect(checked).toMatchObject({ exit: 0, stderr: expect.stringContaining("Python was started with -Werror") });
  const traced = await new Command([interpreter, "-m", "cProfile", "-o", "/dev/null", ...words], place).finished;
  expect(traced).toMatchObject({ exit: 0, stderr: expect.stringContaining("watches this process") });
});

test("a daemon that dies in the middle of a test: no verdict, and no second run of that test", async () => {
  await using shop = new PluginShop({
    "puppet.py": PUPPET_MODULE,
    "test_long.py": "import puppet\n\n\ndef test_long():\n    puppet.play('long')\n",
    "pytest.ini": "[pytest]\npythonpath = .\n",
  });
  await using puppets = await PuppetMaster.listen(shop.prewarm);
  const place = { cwd: shop.project.root, env: shop.prewarm.environment() };
  const command = new Command([...plainPytest, "--prewarm"], place);
  const puppet = await puppets.next();
  process.kill((await shop.prewarm.status()).pid, "SIGKILL");
  await puppet.gone;
  const { exit, stderr } = await command.finished;
  expect(exit).toBe(70);
  expect(stderr).toContain("there is no verdict");
});
