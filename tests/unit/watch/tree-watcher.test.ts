import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { IgnoreRules } from "../../../src/watch/ignore-rules.ts";
import { type TreeWatch, type WatchOptions, watchTree } from "../../../src/watch/tree-watcher.ts";
import type { WatchDiagnostic } from "../../../src/watch/watch-events.ts";
import { Inbox } from "./inbox.ts";
import { TempProject } from "./temp-project.ts";

test("a written file is named in a hint", async () => {
  using project = new TempProject({ "pkg/inner/a.py": "x = 1\n" });
  const { hints, watch } = await startWatch(project);
  await using _ = watch;
  project.write("pkg/inner/a.py", "x = 2\n");
  await hints.next((paths) => paths.includes(project.at("pkg/inner/a.py")));
  expect(watch.mode).toBe("events");
});

test("deleted, renamed and new files are named", async () => {
  using project = new TempProject({ "a.py": "x = 1\n", "b.py": "x = 1\n" });
  const { hints, watch } = await startWatch(project);
  await using _ = watch;
  rmSync(project.at("a.py"));
  await hints.next((paths) => paths.includes(project.at("a.py")));
  renameSync(project.at("b.py"), project.at("c.py"));
  await hints.next((paths) => paths.includes(project.at("c.py")));
  project.write("d.py", "");
  await hints.next((paths) => paths.includes(project.at("d.py")));
});

test("a new directory is watched, and so is what was put in it at once", async () => {
  using project = new TempProject();
  const { hints, watch } = await startWatch(project);
  await using _ = watch;
  project.write("pkg/inner/a.py", "x = 1\n");
  await hints.next((paths) => paths.includes(project.at("pkg/inner")));
  project.write("pkg/inner/a.py", "x = 2\n");
  await hints.next((paths) => paths.includes(project.at("pkg/inner/a.py")));
});

test("a directory that was moved is watched under its new name alone", async () => {
  using project = new TempProject({ "old/inner/a.py": "x = 1\n" });
  const { hints, watch } = await startWatch(project);
  await using _ = watch;
  renameSync(project.at("old"), project.at("new"));
  await hints.next((paths) => paths.includes(project.at("new/inner")));
  project.write("new/inner/a.py", "x = 2\n");
  const paths = await hints.next((hinted) => hinted.some((path) => path.endsWith("a.py")));
  expect(paths).toEqual([project.at("new/inner/a.py")]);
});

test("a directory that takes another's place is watched", async () => {
  using project = new TempProject({ "pkg/a.py": "x = 1\n", "next/a.py": "x = 2\n" });
  const { hints, watch } = await startWatch(project);
  await using _ = watch;
  renameSync(project.at("pkg"), project.at("last"));
  renameSync(project.at("next"), project.at("pkg"));
  await hints.next((paths) => paths.includes(project.at("pkg")));
  project.write("pkg/a.py", "x = 3\n");
  await hints.next((paths) => paths.includes(project.at("pkg/a.py")));
});

test("ignored directories cause no hints", async () => {
  using project = new TempProject({ ".gitignore": "out/\n", "out/a.py": "", "__pycache__/a.pyc": "", "b.py": "" });
  const { hints, watch } = await startWatch(project);
  await using _ = watch;
  project.write("out/a.py", "x = 1\n");
  project.write("__pycache__/a.pyc", "x");
  project.write("b.py", "x = 1\n");
  await hints.next((paths) => paths.includes(project.at("b.py")));
  expect(hints.all.flat().filter((path) => path !== project.at("b.py"))).toEqual([]);
});

test("an ignored directory from which a file was loaded can be watched", async () => {
  using project = new TempProject({ ".gitignore": "generated/\n", "generated/a.py": "" });
  const { hints, watch } = await startWatch(project);
  await using _ = watch;
  watch.addDirectory(project.at("generated"));
  project.write("generated/a.py", "x = 1\n");
  await hints.next((paths) => paths.includes(project.at("generated/a.py")));
});

test("a rule that is taken away brings its directory back", async () => {
  using project = new TempProject({ ".gitignore": "out/\n", "out/a.py": "" });
  const { hints, watch } = await startWatch(project);
  await using _ = watch;
  project.write(".gitignore", "");
  await hints.next((paths) => paths.includes(project.at("out")));
  project.write("out/a.py", "x = 1\n");
  await hints.next((paths) => paths.includes(project.at("out/a.py")));
});

test("a linked directory is watched under the link's name, and a circle of links ends", async () => {
  using outside = new TempProject({ "shared/a.py": "" });
  using project = new TempProject();
  symlinkSync(outside.at("shared"), project.at("linked"));
  symlinkSync(project.root, project.at("circle"));
  const { hints, watch } = await startWatch(project);
  await using _ = watch;
  outside.write("shared/a.py", "x = 1\n");
  await hints.next((paths) => paths.includes(project.at("linked/a.py")));
});

test("a burst of changes is a few hints, not one each", async () => {
  using project = new TempProject({ "last.py": "" });
  const { hints, watch } = await startWatch(project);
  await using _ = watch;
  for (let index = 0; index < 200; index += 1) project.write(`m${index}.py`, "x = 1\n");
  project.write("last.py", "x = 1\n");
  await hints.next((paths) => paths.includes(project.at("last.py")));
  expect(new Set(hints.all.flat()).size).toBe(201);
  expect(hints.all.length).toBeLessThan(20);
});

test("a burst beyond the kernel's queue asks for a look at everything", async () => {
  using project = new TempProject({ "a.py": "" });
  const { hints, watch } = await startWatch(project);
  await using _ = watch;
  for (let index = 0; index < 5_000; index += 1) {
    renameSync(project.at("a.py"), project.at("b.py"));
    renameSync(project.at("b.py"), project.at("a.py"));
  }
  await hints.next((paths) => paths.length === 0);
});

test("beyond the limit of watches there is polling besides, and the limit is named once", async () => {
  using project = new TempProject({ "a/x.py": "", "b/x.py": "", "c/x.py": "", "x.py": "" });
  const { hints, failures, watch } = await startWatch(project, { maxDirectories: 2, pollIntervalMs: 5 });
  await using _ = watch;
  await hints.next((paths) => paths.length === 0);
  expect(watch.mode).toBe("polling");
  expect(failures.all.map(({ code }) => code)).toEqual(["watch-limit"]);
  expect(failures.all[0]?.message).toContain("prewarm watches at most 2");
  project.write("x.py", "x = 1\n");
  await hints.next((paths) => paths.includes(project.at("x.py")));
});

test("a root that goes away ends in polling", async () => {
  using project = new TempProject({ "app/pkg/a.py": "" });
  const { hints, failures, watch } = await startWatch(project, { pollIntervalMs: 5 }, project.at("app"));
  await using _ = watch;
  rmSync(project.at("app"), { recursive: true });
  expect((await failures.next()).code).toBe("watch-lost");
  mkdirSync(project.at("app"));
  await hints.next((paths) => paths.length === 0);
});

test("polling asks for a look at everything", async () => {
  using project = new TempProject();
  const { hints, watch } = await startWatch(project, { source: "polling", pollIntervalMs: 5 });
  await using _ = watch;
  expect(await hints.next()).toEqual([]);
  expect(await hints.next()).toEqual([]);
});

test("the recursive source names written files and leaves ignored ones out", async () => {
  using project = new TempProject({ ".gitignore": "out/\n", "out/a.py": "", "pkg/a.py": "" });
  const { hints, watch } = await startWatch(project, { source: "recursive" });
  await using _ = watch;
  const write = () => {
    project.write("out/a.py", "x = 1\n");
    project.write("pkg/a.py", "x = 1\n");
  };
  write();
  // @parcel/watcher has lost an event of its first moments on Linux, where prewarm does not use it.
  const again = setInterval(write, 500);
  await hints.next((paths) => paths.includes(project.at("pkg/a.py")));
  clearInterval(again);
  expect(hints.all.flat()).not.toContain(project.at("out/a.py"));
});

test("a root that the recursive source refuses ends in polling", async () => {
  using project = new TempProject();
  const options = { source: "recursive", pollIntervalMs: 5 } as const;
  const { hints, failures, watch } = await startWatch(project, options, project.at("missing"));
  await using _ = watch;
  expect((await failures.next()).code).toBe("watch-unavailable");
  expect(await hints.next()).toEqual([]);
});

test("a closed watch neither speaks nor keeps the process alive", async () => {
  using project = new TempProject({ "pkg/a.py": "" });
  const source = new URL("../../../src/watch/", import.meta.url);
  const program = `
    import { writeFileSync } from "node:fs";
    import { IgnoreRules } from "${source}ignore-rules.ts";
    import { watchTree } from "${source}tree-watcher.ts";
    const root = ${JSON.stringify(project.root)};
    let count = 0;
    for (const source of ["directories", "recursive", "polling"]) {
      const listener = { onHint: () => { count += 1; }, onFailure: () => {} };
      const watch = await watchTree(root, new IgnoreRules(root), listener, { source, pollIntervalMs: 1 });
      await watch.close();
      watch.addDirectory(root + "/pkg");
      writeFileSync(root + "/pkg/a.py", source);
    }
    console.log("hints after close:", count);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  expect(await once(child, "close")).toEqual([0, null]);
  expect(output).toBe("hints after close: 0\n");
});

async function startWatch(
  project: TempProject,
  options: WatchOptions = {},
  root = project.root,
): Promise<{ hints: Inbox<readonly string[]>; failures: Inbox<WatchDiagnostic>; watch: TreeWatch }> {
  const hints = new Inbox<readonly string[]>();
  const failures = new Inbox<WatchDiagnostic>();
  const listener = { onHint: hints.put, onFailure: failures.put };
  const watch = await watchTree(root, new IgnoreRules(root), listener, options);
  return { hints, failures, watch };
}
