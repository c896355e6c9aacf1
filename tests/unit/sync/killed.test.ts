import { spawnSync } from "node:child_process";
import { cpSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { TreeReader } from "../../../src/sync/tree-reader.ts";
import { TreeReceiver } from "../../../src/sync/tree-receiver.ts";
import { updateAll } from "../../../src/sync/update-all.ts";
import { listAll, TempFolder, Wire } from "./rig.ts";

const PROGRAM = fileURLToPath(new URL("receive-and-die.ts", import.meta.url));

test("a copy whose process is killed before any second write is the tree before or the tree after, and goes on from there", async () => {
  using home = new TempFolder();
  using first = new TempFolder();
  home.write("a.py", "VALUE = 1\n");
  home.write("pkg/b.py", "B = 1\n");
  home.write("gone/c.py", "C = 1\n");
  home.write("was_file", "text");
  home.write("was_folder/d.py", "D = 1\n");
  const before = listAll(home.path);
  const wire = new Wire(first.path);
  await updateAll(new TreeReader(home.path), [wire.sender]);
  const second = statSync(first.at("tree/a.py")).mtimeMs;

  home.write("a.py", "VALUE = 2\n");
  home.write("copy_of_a.py", "VALUE = 2\n");
  home.write("pkg/new/run.sh", "#!/bin/sh\n", 0o755);
  home.link("pkg/link", "b.py");
  home.remove("gone");
  home.remove("was_file");
  home.write("was_file/e.py", "E = 1\n");
  home.remove("was_folder");
  home.write("was_folder", "text");
  const after = listAll(home.path);

  let kills = 0;
  for (let writes = 1, isKilled = true; isKilled; writes += 2) {
    using node = new TempFolder();
    cpSync(first.path, node.path, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [
      PROGRAM,
      node.path,
      home.path,
      String(writes),
    ]);
    isKilled = signal === "SIGKILL";
    if (isKilled) kills += 1;
    else
      expect({ status, stdout: stdout.toString(), stderr: stderr.toString() }).toEqual({
        status: 0,
        stdout: "done\n",
        stderr: "",
      });
    const reopened = new TreeReceiver({ folder: node.path });
    const found = listAll(reopened.tree);
    expect([before, after]).toContainEqual(found);
    if (!isKilled) expect(found).toEqual(after);
    const again = new Wire(node.path);
    const updated = await updateAll(new TreeReader(home.path), [again.sender]);
    expect(updated.ok && updated.value.ends[0]?.kind).toBe("done");
    expect(listAll(node.at("tree"))).toEqual(after);
    // Bytecode of the first version would be taken for that of the second.
    expect(statSync(node.at("tree/a.py")).mtimeMs).toBeGreaterThan(second);
    expect(listAll(node.path).filter((line) => !line.startsWith("tree/") && !line.startsWith("state.json"))).toEqual([
      "blobs/",
    ]);
  }
  // As many as there are changes of the disk in an update of this size, about half of them.
  expect(kills).toBeGreaterThan(20);
});
