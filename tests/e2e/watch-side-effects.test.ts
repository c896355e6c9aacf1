// Tests that write where they read, as hypothesis does beside a project: a watch comes to rest over them all the same, and a
// person's edit of test data still runs the tests that opened it.
import { expect, test } from "vitest";
import type { RunEvent } from "../../src/protocol/events.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";
import { Watch } from "../rig/watch.ts";

const WRITES = `
import os
import tempfile

import puppet

HERE = os.path.dirname(__file__)


def test_reads():
    with open(os.path.join(HERE, "data.txt")) as file:
        assert file.read() == "1"


def test_folder():
    folder = tempfile.mkdtemp(dir=HERE)
    puppet.play("folder")
    os.rmdir(folder)


def test_table():
    path = os.path.join(HERE, "table.gz")
    if os.path.exists(path):
        with open(path, "rb") as file:
            assert len(file.read()) == 8
    descriptor, draft = tempfile.mkstemp(dir=HERE)
    os.write(descriptor, os.urandom(8))
    os.close(descriptor)
    os.replace(draft, path)
`;

function edits(events: readonly RunEvent[]): readonly string[][] {
  return events.flatMap((event) => (event.type === "edit" ? [event.files.map(({ path }) => path)] : []));
}

function ends(events: readonly RunEvent[]): readonly (number | null)[] {
  return events.flatMap((event) => (event.type === "run-finished" ? [event.record.exit] : []));
}

test("what tests write ends no run and begins none; what a person writes meanwhile is run after it", async () => {
  using project = new Project({ "puppet.py": PUPPET_MODULE, "test_writes.py": WRITES, "data.txt": "1" });
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  const watch = new Watch(prewarm);
  let meanwhile = () => {};
  const passEach = async () => {
    for (;;) {
      const folder = await puppets.next();
      meanwhile();
      // An answer of the daemon: it has seen the folder by then.
      await prewarm.status();
      folder.say("pass");
    }
  };
  void passEach();
  await watch.events();
  for (const number of [1, 2, 3]) {
    project.write("test_writes.py", `${WRITES}\n\nNUMBER = ${number}\n`);
    const events = await watch.events();
    expect([edits(events), ends(events)]).toEqual([[["test_writes.py"]], [0]]);
  }
  for (const text of ["2", "1"]) {
    project.write("test_writes.py", `${WRITES}\n\nTEXT = ${text}\n`);
    meanwhile = () => project.write("data.txt", text);
    const events = await watch.events();
    meanwhile = () => {};
    expect([edits(events), ends(events)]).toEqual([[["test_writes.py"]], [text === "2" ? 0 : 1]]);
    const after = await watch.events();
    expect(edits(after)).toEqual([["data.txt"]]);
    // Where executed functions are not known, the puppet's module may keep what was read, and its user runs, too.
    const ran = after.flatMap((event) => (event.type === "test-finished" ? [[event.id, event.outcome]] : []));
    expect(ran).toContainEqual(["test_writes.py::test_reads", text === "2" ? "failed" : "passed"]);
  }
  watch.end();
});
