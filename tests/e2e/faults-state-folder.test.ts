// Where the daemon's sockets, lock and log lie: private, refused where it is not, and not always writable.
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const FILES = { "test_it.py": "def test_it():\n    pass\n" };
const RUN = ["run", "--python", interpreter, "--", "pytest"];

test("only its owner can look into it", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project, { PREWARM_STATE_DIR: project.at("made/by/prewarm") });
  // Even where files are open to everybody by default.
  const { exit } = await prewarm.shell('umask 0; exec "$@"', RUN).finished;
  expect(exit).toBe(0);
  const base = project.at("made/by/prewarm");
  const [name = ""] = readdirSync(base);
  expect(modeOf(base)).toBe("700");
  expect(modeOf(join(base, name))).toBe("700");
});

test.for(["the base", "the project's own"] as const)("it is refused when others can write to it: %s", async (which) => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  await prewarm.run();
  const folder = which === "the base" ? prewarm.stateFolder : prewarm.daemonFolder;
  chmodSync(folder, 0o777);
  for (const words of [RUN, ["status"], ["stop"]]) {
    const { exit, stderr } = await prewarm.command(words).finished;
    expect(exit).toBe(77);
    expect(stderr).toMatch(
      /^prewarm: error\[state-folder\] The state folder .* can be written by others: it is refused\.\n/,
    );
    expect(stderr).toContain("next: PREWARM_STATE_DIR=");
  }
  chmodSync(folder, 0o700);
  expect((await prewarm.run()).exit).toBe(0);
});

test("it is refused when it belongs to somebody else", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  // Only root can give a folder away; for all others there is one that belongs to root.
  const isRoot = process.getuid?.() === 0;
  const folder = isRoot ? project.at("state") : "/usr";
  if (isRoot) {
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, 12_345, 12_345);
  }
  const { exit, stderr } = await prewarm.command(RUN, { env: { PREWARM_STATE_DIR: folder } }).finished;
  expect(exit).toBe(77);
  expect(stderr).toMatch(/^prewarm: error\[state-folder\] .* belongs to another user \(uid \d+\): it is refused\.\n/);
});

test("it is refused when it is a link that somebody may have laid", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  await prewarm.run();
  await prewarm.command(["stop"]).finished;
  const folder = prewarm.daemonFolder;
  rmSync(folder, { recursive: true });
  symlinkSync(project.root, folder);
  const { exit, stderr } = await prewarm.command(RUN).finished;
  rmSync(folder);
  expect(exit).toBe(77);
  expect(stderr).toMatch(/^prewarm: error\[state-folder\] .* is no folder: it is refused\.\n/);
});

test.for([
  { where: "a folder that cannot be made", folder: "/sys/prewarm" },
  { where: "a file", folder: "test_it.py" },
])("the tests run without a daemon where it cannot be: $where", async ({ folder }) => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  const { exit, stdout, stderr } = await prewarm.command(RUN, { env: { PREWARM_STATE_DIR: folder } }).finished;
  expect(stderr).toMatch(/^prewarm: (?:warning|error)\[state-(?:unwritable|folder)\] The state folder /);
  expect(exit).toBe(folder.startsWith("/") ? 0 : 77);
  expect(stdout.includes("1 passed")).toBe(exit === 0);
});

test.for(["a full disk", "a folder"] as const)(
  "a log that nothing can be written to harms nobody: %s",
  async (which) => {
    using project = new Project(FILES);
    await using prewarm = new Prewarm(project);
    await prewarm.run();
    await prewarm.command(["stop"]).finished;
    const { daemonFolder } = prewarm;
    const log = join(daemonFolder, "daemon.log");
    rmSync(log);
    if (which === "a folder") mkdirSync(log);
    else symlinkSync("/dev/full", log);
    expect(await prewarm.run()).toMatchObject({ exit: 0, outcomes: { "test_it.py::test_it": "passed" } });
    const { pid } = await prewarm.status();
    project.write("test_it.py", "def test_it():\n    assert False\n");
    expect(await prewarm.run()).toMatchObject({ exit: 1, outcomes: { "test_it.py::test_it": "failed" } });
    expect((await prewarm.status()).pid).toBe(pid);
  },
);

test("a lock that cannot be opened is named", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  await prewarm.run();
  await prewarm.command(["stop"]).finished;
  const lock = join(prewarm.daemonFolder, "lock.db");
  rmSync(lock);
  mkdirSync(lock);
  const { exit, stderr } = await prewarm.command(RUN).finished;
  expect(exit).toBe(69);
  expect(stderr).toMatch(/^prewarm: error\[daemon-start\] The daemon did not start\. .*unable to open database file/);
  expect(stderr).toContain("without it: prewarm run --no-daemon -- pytest");
  rmSync(lock, { recursive: true });
});

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}
