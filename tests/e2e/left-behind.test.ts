// What is there when nothing runs any more: no process, no file that grows, nothing in the project.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Prewarm } from "../rig/prewarm.ts";
import { untilAtMost, untilGone } from "../rig/processes.ts";
import { Project } from "../rig/project.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";

const FILES = {
  "shop.py": "def price():\n    return 3\n",
  "test_shop.py": "import shop\n\n\ndef test_price():\n    assert shop.price() == 3\n",
};
const PUPPETS = {
  "puppet.py": PUPPET_MODULE,
  "test_puppet.py": "import puppet\n\n\ndef test_puppet():\n    puppet.play('test')\n",
};

test("a run leaves the daemon and its parked processes, and stop ends them", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  expect(await prewarm.run()).toMatchObject({ exit: 0, outcomes: { "test_shop.py::test_price": "passed" } });
  expect(prewarm.processes().length).toBeGreaterThan(1);
  const { stdout } = await prewarm.command(["stop"]).finished;
  expect(stdout).toMatch(/^daemon \d+ has left\n$/);
  await prewarm.untilNothingIsLeft();
});

test("runs without end leave no more than one run does", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  for (let count = 0; count < 3; count += 1) await prewarm.run(["-p", "no:cacheprovider"]);
  const processes = prewarm.processes().length;
  const files = readdirSync(prewarm.daemonFolder).length;
  for (let count = 0; count < 6; count += 1) await prewarm.run(["-p", "no:cacheprovider"]);
  // A leader that waits for the next run may be on its way.
  await untilAtMost(processes + 1, () => prewarm.processes());
  expect(readdirSync(prewarm.daemonFolder).length).toBeLessThan(files + 6);
  // Leaders that have ended are collected when the next one is forked.
  expect(zombiesOf(prewarm.processes().map(({ pid }) => pid)).length).toBeLessThan(4);
});

test("edits without end leave no more than a few do", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  let count = 0;
  for (let price = 0; price < 8; price += 1) {
    project.write("shop.py", `def price():\n    return ${price}\n`);
    expect((await prewarm.run(["-p", "no:cacheprovider"])).exit).toBe(price === 3 ? 0 : 1);
    if (price === 3) count = prewarm.processes().length;
  }
  await untilAtMost(count + 2, () => prewarm.processes());
});

test("the project has nothing in it that plain pytest does not write", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  await prewarm.plain();
  const plain = filesOf(project);
  await prewarm.run();
  await prewarm.run();
  expect(filesOf(project)).toEqual(plain);
});

test("the files of a killed daemon are gone after the next one", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  for (let count = 0; count < 4; count += 1) {
    project.write("shop.py", `def price():\n    return ${count}\n`);
    await prewarm.run();
  }
  process.kill((await prewarm.status()).pid, "SIGKILL");
  await prewarm.untilNothingIsLeft();
  await prewarm.command(["restart"]).finished;
  await prewarm.command(["stop"]).finished;
  expect(readdirSync(prewarm.daemonFolder).filter((name) => /\.(?:out|err|sock)$/.test(name))).toEqual([]);
});

test("what a test has started ends with a run that is given up", async () => {
  using project = new Project(PUPPETS);
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  const run = prewarm.start();
  const puppet = await puppets.next();
  const child = `subprocess.Popen([sys.executable, "-c", "import puppet; puppet.play('child')"])`;
  puppet.say(`import subprocess; ${child}; play('parent')`);
  const both = [await puppets.next(), await puppets.next()];
  expect(both.map(({ name }) => name).sort()).toEqual(["child", "parent"]);
  run.command.signal("SIGKILL");
  for (const each of both) await each.gone;
});

test("a test that closes every descriptor does not outlive its run", async () => {
  using project = new Project(PUPPETS);
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  const run = prewarm.start();
  const puppet = await puppets.next();
  puppet.say("os.closerange(3, 1024); time.sleep(3600)");
  const { exit, outcomes } = await run.finished;
  expect(exit).not.toBe(0);
  expect(outcomes).toEqual({ "test_puppet.py::test_puppet": "failed" });
  await untilGone(() => prewarm.processes().filter(({ pid }) => pid === puppet.pid));
});

function filesOf(project: Project): readonly string[] {
  return readdirSync(project.root, { recursive: true, encoding: "utf8" }).sort();
}

function zombiesOf(parents: readonly number[]): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statusLine(name))
    .filter((line) => {
      const [state, parent] = line.slice(line.lastIndexOf(")") + 2).split(" ");
      return state === "Z" && parents.includes(Number(parent));
    });
}

function statusLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    // It ended in this moment.
    return "";
  }
}
