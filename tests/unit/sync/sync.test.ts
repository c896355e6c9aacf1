import { execFileSync } from "node:child_process";
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TREE_LIMITS } from "../../../src/sync/check-manifest.ts";
import { TreeReader } from "../../../src/sync/tree-reader.ts";
import { TreeReceiver } from "../../../src/sync/tree-receiver.ts";
import { TreeSender, type UpdateEnd } from "../../../src/sync/tree-sender.ts";
import { updateAll } from "../../../src/sync/update-all.ts";
import { Folder, listAll, TempFolder, Wire } from "./rig.ts";

async function sync(reader: TreeReader, ...wires: readonly Wire[]): Promise<readonly UpdateEnd[]> {
  const result = await updateAll(
    reader,
    wires.map(({ sender }) => sender),
  );
  if (!result.ok) throw new Error(result.error.sentence);
  return result.value.ends;
}

/** What somebody does to the tree, or a test to the copy. */
type Act =
  | { readonly kind: "write"; readonly path: string; readonly text: string; readonly isExecutable: boolean }
  | { readonly kind: "folder" | "remove"; readonly path: string }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

const path = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      path,
      text: fc.constantFrom("", "1", "2", "long"),
      isExecutable: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("folder" as const, "remove" as const), path }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("link" as const),
      path,
      target: fc.constantFrom("a", "b/c", "..", "../..", "/etc"),
    }),
  },
);

/** Does it where it can be done: as people do, whatever was there before goes. */
function perform(folder: Folder, each: Act): void {
  const names = each.path.split("/");
  for (const [index] of names.entries()) {
    const above = names.slice(0, index).join("/");
    const stats = above === "" ? undefined : lstatSync(folder.at(above), { throwIfNoEntry: false });
    if (stats !== undefined && !stats.isDirectory()) folder.remove(above);
  }
  folder.remove(each.path);
  if (each.kind === "write") folder.write(each.path, each.text, each.isExecutable ? 0o755 : 0o644);
  else if (each.kind === "folder") mkdirSync(folder.at(each.path), { recursive: true });
  else if (each.kind === "link") folder.link(each.path, each.target);
}

describe("a copy", () => {
  test("becomes the tree after any edits, whatever tests have done to it, and over restarts", async () => {
    const round = fc.record({
      edits: fc.array(act, { maxLength: 6 }),
      byTests: fc.array(act, { maxLength: 4 }),
      restarts: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (rounds) => {
        using home = new TempFolder();
        using node = new TempFolder();
        const copy = node.at("copy");
        mkdirSync(home.at("project"));
        const project = new Folder(home.at("project"));
        const reader = new TreeReader(project.path);
        const wire = new Wire(copy);
        for (const { edits, byTests, restarts } of rounds) {
          for (const each of edits) perform(project, each);
          const made = new Folder(join(copy, "tree"));
          for (const each of byTests) perform(made, each);
          if (restarts) wire.restart();
          const before = new Map(listAll(made.path).map((line) => [line.split(/[ /]*(?: |$)/)[0] ?? "", line]));
          const updated = await updateAll(reader, [wire.sender]);
          if (!updated.ok) throw new Error(updated.error.sentence);
          const { tree, ends } = updated.value;
          expect(ends[0]?.kind).toBe("done");
          const copied = new Map(listAll(made.path).map((line) => [line.split(/[ /]*(?: |$)/)[0] ?? "", line]));
          const wanted = new Map(listAll(project.path).map((line) => [line.split(/[ /]*(?: |$)/)[0] ?? "", line]));
          for (const at of tree.manifest.keys()) expect(copied.get(at)).toBe(wanted.get(at));
          // What was not there before and is not the tree's has no business to be there.
          for (const at of copied.keys()) expect(before.has(at) || wanted.has(at)).toBe(true);
          expect(wire.receiver.id).toBe(tree.id);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("loses what the tree has no more, with the bytecode of folders that are gone, and keeps what tests have made", async () => {
    using home = new TempFolder();
    using node = new TempFolder();
    home.write("pkg/sub/a.py", "");
    home.write("pkg/b.py", "");
    home.write("old/c.py", "");
    const wire = new Wire(node.path);
    const reader = new TreeReader(home.path);
    await sync(reader, wire);
    node.write("tree/pkg/sub/__pycache__/a.pyc", "");
    node.write("tree/old/made-by-test.txt", "kept");
    node.write("tree/made/too.txt", "kept");
    home.remove("pkg/sub");
    home.remove("old");
    expect(await sync(reader, wire)).toEqual([{ kind: "done", written: 0, removed: 2 }]);
    expect(listAll(node.at("tree"))).toEqual([
      "made/",
      "made/too.txt kept",
      "old/",
      "old/made-by-test.txt kept",
      "pkg/",
      "pkg/b.py ",
    ]);
  });

  test("is never written through a link that a test has made", async () => {
    using home = new TempFolder();
    using node = new TempFolder();
    using elsewhere = new TempFolder();
    home.write("out/a.txt", "1");
    const wire = new Wire(node.path);
    const reader = new TreeReader(home.path);
    await sync(reader, wire);
    elsewhere.write("a.txt", "not ours");
    node.remove("tree/out");
    node.link("tree/out", elsewhere.path);
    home.write("out/a.txt", "2");
    await sync(reader, wire);
    home.remove("out");
    await sync(reader, wire);
    expect(listAll(elsewhere.path)).toEqual(["a.txt not ours"]);
    expect(listAll(node.at("tree"))).toEqual([]);
  });

  test("has again what a test has changed or removed", async () => {
    using home = new TempFolder();
    using node = new TempFolder();
    home.write("a.txt", "1");
    home.write("b.txt", "1");
    const wire = new Wire(node.path);
    const reader = new TreeReader(home.path);
    await sync(reader, wire);
    node.write("tree/a.txt", "2");
    node.remove("tree/b.txt");
    expect(await sync(reader, wire)).toEqual([{ kind: "done", written: 2, removed: 0 }]);
    expect(listAll(node.at("tree"))).toEqual(["a.txt 1", "b.txt 1"]);
  });
});

describe("what travels", () => {
  test("after an edit, that file alone, without being asked for", async () => {
    using home = new TempFolder();
    using node = new TempFolder();
    for (let file = 0; file < 200; file += 1) home.write(`pkg/module_${file}.py`, `VALUE = ${file}\n`);
    const wire = new Wire(node.path);
    const reader = new TreeReader(home.path);
    await sync(reader, wire);
    const firstBytes = wire.sentBytes;
    home.write("pkg/module_7.py", "VALUE = 'edited'\n");
    wire.types = [];
    wire.sentBytes = 0;
    expect(await sync(reader, wire)).toEqual([{ kind: "done", written: 1, removed: 0 }]);
    expect(wire.types).toEqual(["sync-blobs", "sync-tree", "sync-done"]);
    expect(wire.sentBytes).toBeLessThan(1000);
    expect(firstBytes).toBeGreaterThan(20_000);
    wire.types = [];
    expect(await sync(reader, wire)).toEqual([{ kind: "done", written: 0, removed: 0 }]);
    expect(wire.types).toEqual(["sync-tree", "sync-done"]);
  });

  test("nothing of a file that was renamed, or that is there twice", async () => {
    using home = new TempFolder();
    using node = new TempFolder();
    const text = Array.from({ length: 5000 }, (_, number) => number * 7919).join(" ");
    home.write("a.txt", text);
    const wire = new Wire(node.path);
    const reader = new TreeReader(home.path);
    await sync(reader, wire);
    wire.sentBytes = 0;
    home.remove("a.txt");
    home.write("b.txt", text);
    home.write("c/d.txt", text);
    await sync(reader, wire);
    expect(listAll(node.at("tree"))).toEqual([`b.txt ${text}`, "c/", `c/d.txt ${text}`]);
    expect(wire.sentBytes).toBeLessThan(1000);
  });

  test("large files, in parts", async () => {
    using home = new TempFolder();
    using node = new TempFolder();
    const bytes = Buffer.alloc(3_500_000, "0123456789abcdef!");
    home.write("large.bin", bytes.toString());
    home.write("small.txt", "small");
    const wire = new Wire(node.path);
    await sync(new TreeReader(home.path), wire);
    expect(readFileSync(node.at("tree/large.bin")).equals(bytes)).toBe(true);
    expect(wire.types.filter((type) => type === "sync-blobs").length).toBe(4);
  });

  test("the whole tree again to a copy that has been started anew as another", async () => {
    using home = new TempFolder();
    using node = new TempFolder();
    home.write("a.txt", "1");
    const wire = new Wire(node.path);
    const reader = new TreeReader(home.path);
    await sync(reader, wire);
    wire.restart();
    expect(await sync(reader, wire)).toEqual([{ kind: "done", written: 0, removed: 0 }]);
    node.remove("state.json");
    wire.restart();
    wire.types = [];
    expect(await sync(reader, wire)).toEqual([{ kind: "done", written: 1, removed: 0 }]);
    expect(wire.types).toEqual(["sync-tree", "sync-unknown", "sync-tree", "sync-need", "sync-blobs", "sync-done"]);
  });

  test("a tree that is edited while it is sent is read again, and all copies are the same", async () => {
    using home = new TempFolder();
    using one = new TempFolder();
    using two = new TempFolder();
    home.write("a.txt", "before");
    const reader = new TreeReader(home.path);
    let edits = 0;
    const wires = [one, two].map((folder) => new Wire(folder.path));
    const senders = wires.map(
      (wire) =>
        new TreeSender((order) => {
          if (order.type === "sync-tree" && edits++ === 0) home.write("a.txt", "after");
          for (const answer of wire.receiver.take(order)) queueMicrotask(() => sendersOf(wire).take(answer));
        }),
    );
    const sendersOf = (wire: Wire): TreeSender => senders[wires.indexOf(wire)] ?? wire.sender;
    const result = await updateAll(reader, senders);
    expect(result.ok && result.value.ends.map(({ kind }) => kind)).toEqual(["done", "done"]);
    expect([one, two].map((folder) => listAll(folder.at("tree")))).toEqual([["a.txt after"], ["a.txt after"]]);
  });

  test("nothing more to a machine that cannot be reached", async () => {
    using home = new TempFolder();
    home.write("a.txt", "1");
    const reader = new TreeReader(home.path);
    const sender: TreeSender = new TreeSender(() => sender.close());
    const result = await updateAll(reader, [sender]);
    expect(result.ok && result.value.ends).toEqual([{ kind: "closed" }]);
  });
});

describe("a copy refuses", () => {
  const ID = "1".repeat(64);
  const HASH = "2".repeat(64);

  test("a tree that leads out of it, and stays what it was", async () => {
    using home = new TempFolder();
    using node = new TempFolder();
    home.write("a.txt", "1");
    const wire = new Wire(node.path);
    await sync(new TreeReader(home.path), wire);
    const { receiver } = wire;
    const told = (entries: Parameters<TreeReceiver["take"]>[0] & { type: "sync-tree" }) => receiver.take(entries);
    const tree = { type: "sync-tree" as const, id: ID, base: null, gone: [], isLast: true };
    expect(told({ ...tree, entries: [["file", "../evil", HASH, 1, false]] })).toEqual([
      { type: "sync-refused", id: ID, reason: 'the path "../evil" has the part ".."' },
    ]);
    expect(told({ ...tree, entries: [["link", "evil", "/etc"]] })).toEqual([
      { type: "sync-refused", id: ID, reason: 'the link "evil" leads out of the tree: "/etc"' },
    ]);
    expect(told({ ...tree, entries: [["folder", "good"]] })).toEqual([
      { type: "sync-refused", id: ID, reason: "its parts do not make the tree that they name" },
    ]);
    expect(existsSync(join(node.path, "../evil"))).toBe(false);
    expect(listAll(node.at("tree"))).toEqual(["a.txt 1"]);
  });

  test("contents that are not what they say", () => {
    using node = new TempFolder();
    const receiver = new TreeReceiver({ folder: node.path, limits: { ...TREE_LIMITS, totalBytes: 4 } });
    const blob = (size: number, offset: number, text: string, length = text.length) =>
      receiver.take({
        type: "sync-blobs",
        parts: [[HASH, size, offset, length]],
        data: Buffer.from(text).toString("base64"),
        isDeflated: false,
      })[0];
    expect(blob(1, 0, "x")).toMatchObject({ reason: "a file is not what its hash says" });
    expect(blob(9, 3, "x")).toMatchObject({ reason: "a part of a file is missing" });
    expect(blob(1, 0, "xx")).toMatchObject({ reason: "a file is larger than it says" });
    expect(blob(9, 0, "12345")).toMatchObject({ reason: "more than 4 bytes were sent" });
    expect(blob(9, 0, "x", 2)).toMatchObject({ reason: "contents cannot be unpacked" });
    expect(listAll(node.at("blobs"))).toEqual([]);
  });
});

test("bytecode of an earlier version is never taken for that of a later one", async () => {
  using home = new TempFolder();
  using node = new TempFolder();
  const wire = new Wire(node.path);
  const reader = new TreeReader(home.path);
  const seconds = new Set<number>();
  const python = process.env.PREWARM_TEST_INTERPRETER ?? "python3";
  for (const value of [1, 2, 3, 1, 2]) {
    home.write("value.py", `VALUE = ${value}\n`);
    await sync(reader, wire);
    const { mtimeMs } = statSync(node.at("tree/value.py"));
    expect(mtimeMs % 1000).toBe(0);
    seconds.add(mtimeMs);
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "", PYTHONPYCACHEPREFIX: "" };
    const run = () => execFileSync(python, ["-c", "import value; print(value.VALUE)"], { cwd: node.at("tree"), env });
    expect(run().toString().trim()).toBe(String(value));
    expect(run().toString().trim()).toBe(String(value));
  }
  expect(seconds.size).toBe(5);
});

test("a disk that takes no more is an answer, and the copy is whole when it does again", async () => {
  using home = new TempFolder();
  using node = new TempFolder();
  home.write("a.txt", "1");
  home.write("b.txt", "1");
  const reader = new TreeReader(home.path);
  await sync(reader, new Wire(node.path));
  home.write("c/d.txt", "2");
  home.remove("b.txt");
  for (let writes = 0, kind = "refused"; kind === "refused"; writes += 1) {
    using copy = new TempFolder();
    cpSync(node.path, copy.path, { recursive: true, preserveTimestamps: true });
    let left = writes;
    let isFull = true;
    const beforeWrite = () => {
      if (isFull && left-- === 0) throw new Error("ENOSPC: no space left on device");
    };
    const receiver = new TreeReceiver({ folder: copy.path, beforeWrite });
    const sender: TreeSender = new TreeSender((order) => {
      for (const answer of receiver.take(order)) sender.take(answer);
    });
    const first = await updateAll(reader, [sender]);
    kind = (first.ok && first.value.ends[0]?.kind) || "failed";
    if (kind === "refused")
      expect(first).toMatchObject({ value: { ends: [{ reason: expect.stringContaining("ENOSPC") }] } });
    isFull = false;
    home.write("e.txt", String(writes));
    const second = await updateAll(reader, [sender]);
    expect(second.ok && second.value.ends[0]?.kind).toBe("done");
    expect(listAll(receiver.tree)).toEqual(listAll(home.path));
    home.remove("e.txt");
  }
});
