// What outlives the daemon makes the next one quicker; where it is wrong, lost or unusable, verdicts stay those of a cold run.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { NodeId } from "../../src/protocol/ids.ts";
import { History } from "../../src/store/history.ts";
import { interpreter } from "../rig/interpreter.ts";
import { ColdAndWarm } from "../rig/same-as-cold.ts";
import { onTerminal } from "../rig/terminal.ts";

const FILES = {
  "conftest.py": "",
  "app.py": "import speech\nimport words\n\nWORD = words.WORD\nSPOKEN = speech.WORD\n",
  "test_app.py":
    "import app\n\n\ndef test_word():\n    assert (app.WORD, getattr(app, 'SPOKEN', 'hello')) == ('hello', 'hello')\n",
};
const ID = "test_app.py::test_word" as NodeId;
const WORDS = "import os\n\nWORD = os.environ.get('WORD', 'hello')\n";

/** A project that uses an installed package, and daemons one after another. */
class Lives extends ColdAndWarm {
  readonly #site: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor() {
    super(FILES);
    const base = join(this.prewarm.stateFolder, "user");
    const env = { PYTHONUSERBASE: base };
    const program = "import site; print(site.getusersitepackages())";
    this.#site = execFileSync(interpreter, ["-c", program], { encoding: "utf8", env }).trim();
    this.#env = { ...env, PYTHONPATH: this.#site };
    this.install("1.0", WORDS);
  }

  /** The file itself. */
  get file(): string {
    return join(this.prewarm.daemonFolder, "history.db");
  }

  /** Installs a version of the package, as installers do. */
  install(version: string, source: string): void {
    mkdirSync(join(this.#site, "words"), { recursive: true });
    writeFileSync(join(this.#site, "words", "__init__.py"), source);
    for (const old of ["1.0", "2.0"])
      rmSync(join(this.#site, `words-${old}.dist-info`), { recursive: true, force: true });
    mkdirSync(join(this.#site, `words-${version}.dist-info`));
    writeFileSync(join(this.#site, "speech.py"), "from words import WORD\n");
  }

  /** A run that is the same as a cold one; returns what prewarm itself says. */
  async verdict(line = ""): Promise<string> {
    const { warm } = await this.same(line, { env: this.#env });
    return warm.stderr;
  }

  /** Ends the daemon; the next run starts another one. */
  async restart(): Promise<void> {
    await this.prewarm.command(["stop"]).finished;
  }

  /** What is on disk, when no daemon runs. */
  remembered(): History & Disposable {
    const history = new History(this.prewarm.daemonFolder);
    return Object.assign(history, { [Symbol.dispose]: () => history.close() });
  }

  get suite() {
    return { python: interpreter, root: this.project.root };
  }

  /** What the first start of a daemon has left parked, as `prewarm status` names it. */
  async checkpoints(): Promise<readonly string[]> {
    const { trunks } = await this.prewarm.status();
    return (trunks[0]?.checkpoints ?? []).filter(({ id }) => /^t2\b/.test(id)).map(({ before }) => before);
  }
}

test("the next daemon's first start has the learned packages ahead", async () => {
  await using lives = new Lives();
  await lives.verdict();
  await lives.restart();
  await lives.verdict();
  expect(await lives.checkpoints()).toContain("packages");
  lives.project.write("app.py", "import words\n\nWORD = words.WORD + '!'\n");
  await lives.verdict();
  expect(await lives.way()).toBe("resumed");
});

test("other arguments start in their natural order", async () => {
  await using lives = new Lives();
  await lives.verdict();
  await lives.restart();
  await lives.verdict("-W error");
  expect(await lives.checkpoints()).not.toContain("packages");
});

test("a package that is configured to stay in its place stays there, with those that import it", async () => {
  await using lives = new Lives();
  lives.project.write("prewarm.toml", 'never-ahead = ["words"]\n');
  await lives.verdict();
  await lives.restart();
  await lives.verdict();
  expect(await lives.checkpoints()).not.toContain("packages");
});

test("a project that sets what its package reads has its own order again", async () => {
  await using lives = new Lives();
  await lives.verdict();
  for (const word of ["bye", "hello"]) {
    await lives.restart();
    lives.project.write("conftest.py", `import os\n\nos.environ["WORD"] = "${word}"\n`);
    await lives.verdict();
    await lives.verdict();
  }
});

test("the same while the daemon lives: packages that are loaded already do not hide it", async () => {
  await using lives = new Lives();
  await lives.verdict();
  await lives.restart();
  await lives.verdict();
  expect(await lives.checkpoints()).toContain("packages");
  lives.project.write("conftest.py", "import os\n\nos.environ['WORD'] = 'bye'\n");
  await lives.verdict();
  lives.project.write("conftest.py", "");
  await lives.verdict();
});

test("a package that was upgraded between two daemons", async () => {
  await using lives = new Lives();
  lives.project.write("conftest.py", "import os\n\nos.environ['WORD'] = 'hello'\n");
  lives.install("1.0", "WORD = 'hello'\n");
  await lives.verdict();
  await lives.restart();
  lives.install("2.0", "import os\n\nWORD = os.environ['WORD']\n");
  await lives.verdict();
  expect(await lives.checkpoints()).not.toContain("packages");
});

test("a project that has ceased to import a package does not have it", async () => {
  await using lives = new Lives();
  await lives.verdict();
  await lives.restart();
  lives.project.write("app.py", "WORD = SPOKEN = 'hello'\n");
  lives.project.write("test_app.py", `import sys\n${FILES["test_app.py"]}    assert 'words' not in sys.modules\n`);
  await lives.verdict();
  const { lastRecord } = await lives.prewarm.status();
  expect(lastRecord?.exit).toBe(0);
});

test("outcomes, durations, edits, the timeline and the time of the cold run", async () => {
  await using lives = new Lives();
  await lives.verdict("test_app.py");
  await lives.restart();
  await lives.verdict("test_app.py");
  lives.project.write("app.py", "WORD = 'bye'\n");
  await lives.verdict("test_app.py");
  await lives.restart();
  {
    using history = lives.remembered();
    expect(history.runs(5).map(({ record, counts }) => [record.way, record.exit, counts])).toEqual([
      ["resumed", 1, { failed: 1 }],
      ["cold", 0, { passed: 1 }],
      ["cold", 0, { passed: 1 }],
    ]);
    expect(history.recentOutcomes(lives.suite, ID, 2).map(({ outcome }) => outcome)).toEqual(["failed", "passed"]);
    expect([...history.durationsOf(lives.suite, [ID]).keys()]).toEqual([ID]);
    expect(history.edits().map(({ path, count }) => [path, count])).toEqual([[lives.project.at("app.py"), 1]]);
  }
  expect(await lives.verdict()).toBe("");
  await lives.verdict("test_app.py");
  const { lastRecord } = await lives.prewarm.status();
  expect(lastRecord?.way).toBe("warm");
  expect(lastRecord?.coldMs).toBeGreaterThan(0);
});

test("it can be deleted at any time", async () => {
  await using lives = new Lives();
  await lives.verdict();
  const { file } = lives;
  for (const ending of ["", "-wal", "-shm"]) rmSync(`${file}${ending}`, { force: true });
  await lives.verdict();
  lives.project.write("app.py", "WORD = 'bye'\n");
  await lives.verdict();
  await lives.restart();
  for (const ending of ["", "-wal", "-shm"]) rmSync(`${file}${ending}`, { force: true });
  expect(await lives.verdict()).toBe("");
  expect(await lives.checkpoints()).not.toContain("packages");
});

test("a daemon that is killed leaves one that can be used", async () => {
  await using lives = new Lives();
  for (const word of ["one", "two", "three"]) {
    lives.project.write("app.py", `WORD = '${word}'\n`);
    expect(await lives.verdict()).toBe("");
    process.kill((await lives.prewarm.status()).pid, "SIGKILL");
    await lives.prewarm.untilNothingIsLeft();
  }
  await lives.verdict();
  await lives.restart();
  const database = new DatabaseSync(lives.file);
  expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  database.close();
  using history = lives.remembered();
  expect(history.lastOutcomes(lives.suite).get(ID)?.outcome).toBe("failed");
});

test.for([
  { what: "is no database", code: "history-damaged", spoil: (file: string) => writeFileSync(file, "x".repeat(9000)) },
  { what: "is of a newer prewarm", code: "no-history", spoil: makeNewer },
  { what: "is a folder", code: "no-history", spoil: (file: string) => mkdirSync(file) },
])("one that $what is said once and harms no verdict", async ({ what, code, spoil }) => {
  await using lives = new Lives();
  await lives.verdict();
  await lives.restart();
  const { file } = lives;
  for (const ending of ["", "-wal", "-shm"]) rmSync(`${file}${ending}`, { force: true });
  spoil(file);
  const before = what === "is of a newer prewarm" ? readFileSync(file) : undefined;
  expect(await lives.verdict()).toMatch(new RegExp(`^prewarm: warning\\[${code}\\] .*\n {3}next: .*\n$`));
  lives.project.write("app.py", "WORD = 'bye'\n");
  expect(await lives.verdict()).toBe("");
  expect(await lives.verdict()).toBe("");
  if (before !== undefined) expect(readFileSync(file).equals(before)).toBe(true);
  expect(existsSync(`${file}.damaged`)).toBe(code === "history-damaged");
});

test("one that another program holds is said once, and used again afterwards", async () => {
  await using lives = new Lives();
  await lives.verdict();
  const holder = new DatabaseSync(lives.file, { timeout: 10_000 });
  holder.exec("BEGIN IMMEDIATE");
  lives.project.write("app.py", "WORD = 'bye'\n");
  // The warning comes with a run after the first write that failed.
  while (!(await lives.verdict()).includes("warning[no-history]"));
  expect(await lives.verdict()).toBe("");
  holder.exec("COMMIT");
  holder.close();
  lives.project.write("app.py", "WORD = 'hello'\n");
  await lives.verdict();
  await lives.restart();
  using history = lives.remembered();
  expect(history.lastOutcomes(lives.suite).get(ID)?.outcome).toBe("passed");
});

function makeNewer(file: string): void {
  const database = new DatabaseSync(file);
  database.exec("CREATE TABLE another (thing TEXT); PRAGMA user_version = 1000");
  database.close();
}

test.for([
  ["shadowed", { "words.py": "WORD = 'mine'\n" }],
  ["replaced", { "conftest.py": "import sys, types\n\nsys.modules['words'] = types.SimpleNamespace(WORD='fake')\n" }],
] as const)("a package that the project has %s is not imported ahead, now or in the next life", async ([, files]) => {
  await using lives = new Lives();
  await lives.verdict();
  await lives.restart();
  await lives.verdict();
  for (const [path, text] of Object.entries(files)) lives.project.write(path, text);
  await lives.verdict();
  await lives.restart();
  await lives.verdict();
  await lives.verdict();
});

test("what a daemon is, is said once, to a person", async () => {
  await using lives = new Lives();
  const line = "prewarm: a daemon holds them for";
  const said = async () => {
    const { stdout } = await lives.prewarm.run([], { wrap: onTerminal(120) });
    return stdout.includes(line);
  };
  // Nobody reads it here.
  expect(await lives.verdict()).toBe("");
  expect(await said()).toBe(true);
  expect(await said()).toBe(false);
  await lives.restart();
  expect(await said()).toBe(false);
});
