// Edits that file times and sizes do not give away, and files that are not what they seem.
import { linkSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { expect, test } from "vitest";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";
import { ColdAndWarm } from "../rig/same-as-cold.ts";
import { EDITED } from "./edited-project.ts";

const core = (rate: number) => EDITED["app/core.py"].replace("2", String(rate));

test("edits of one size within a second, older contents with older times, atomic saves", async () => {
  await using twins = new ColdAndWarm(EDITED);
  const { project } = twins;
  await twins.same();
  for (const rate of [3, 2, 4]) {
    project.write("app/core.py", core(rate));
    expect((await twins.prewarm.run()).exit).toBe(rate === 2 ? 0 : 1);
  }
  const { atime, mtime } = statSync(project.at("app/core.py"));
  project.write("app/core.py", core(2));
  utimesSync(project.at("app/core.py"), atime, new Date(mtime.getTime() - 1_000_000));
  expect((await twins.same()).warm.exit).toBe(0);
  project.write("app/core.py", core(5));
  utimesSync(project.at("app/core.py"), atime, new Date(mtime.getTime() - 1_000_000));
  expect((await twins.same()).warm.exit).toBe(1);
  project.replace("app/core.py", core(6));
  await twins.same();
  project.replace("app/core.py", core(2));
  expect((await twins.same()).warm.exit).toBe(0);
  project.write("app/core.py", core(2));
  await twins.prewarm.run();
  expect(await twins.way()).toBe("warm");
});

test("symbolic and hard links", async () => {
  await using twins = new ColdAndWarm(EDITED);
  const { project } = twins;
  await twins.same();
  project.remove("app/core.py");
  project.write("real/one.txt", core(3));
  project.write("real/two.txt", core(4));
  symlinkSync("../real/one.txt", project.at("app/core.py"));
  await twins.same();
  await twins.edit({ "real/one.txt": core(5) });
  project.remove("app/core.py");
  symlinkSync("../real/two.txt", project.at("app/core.py"));
  await twins.same();
  project.remove("app/core.py");
  linkSync(project.at("real/two.txt"), project.at("app/core.py"));
  await twins.edit({ "real/two.txt": core(2) });
  project.rename("app", "moved");
  symlinkSync("moved", project.at("app"));
  await twins.edit({ "moved/core.py": core(7) });
});

test("an edit while a run is in flight counts for the next one", async () => {
  await using twins = new ColdAndWarm({
    "puppet.py": PUPPET_MODULE,
    "lib.py": "X = 1\n",
    "test_lib.py": "import lib\nimport puppet\n\n\ndef test_lib():\n    puppet.play('test')\n    assert lib.X == 1\n",
  });
  await using puppets = await PuppetMaster.listen(twins.prewarm);
  for (const value of [2, 1, 3]) {
    const run = twins.prewarm.start();
    const puppet = await puppets.next();
    twins.project.write("lib.py", `X = ${value}\n`);
    puppet.say("pass");
    const before = (await run.finished).exit;
    const next = twins.prewarm.start();
    (await puppets.next()).say("pass");
    expect([before, (await next.finished).exit]).toEqual(value === 2 ? [0, 1] : value === 1 ? [1, 0] : [0, 1]);
  }
});
