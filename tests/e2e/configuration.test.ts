// What a project configures: each key through the product, a change while the daemon runs, and what is refused.
import { expect, test } from "vitest";
import { interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { Watch } from "../rig/watch.ts";

const BARE = { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" };
const FILES = {
  "pyproject.toml": "[tool.pytest.ini_options]\n",
  "app/__init__.py": "",
  "app/late.py": "RATE = 2\n",
  "test_app.py": `
import os
import app.late


def test_count():
    assert os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1") == os.environ["COUNT"]


def test_other():
    assert app.late.RATE == 2
`,
};

test("what is wrong is refused with its place and the nearest right name, by every command that reads it", async () => {
  using project = new Project({ ...FILES, "pyproject.toml": "\n[tool.prewarm]\nworker = 4\n" });
  await using prewarm = new Prewarm(project, BARE);
  const said = async (env: Readonly<Record<string, string>> = {}) => {
    const run = await prewarm.run([], { env });
    const { exit, stdout, stderr } = await prewarm.command(["config"], { env }).finished;
    expect([run.exit, run.stdout, run.stderr]).toEqual([exit, stdout, stderr]);
    return [exit, stderr.split("\n")[0]];
  };
  expect(await said()).toEqual([
    64,
    "prewarm: error[unknown-key] pyproject.toml:3: [tool.prewarm] has no key `worker`; did you mean `workers`?",
  ]);
  project.write("pyproject.toml", '[tool.prewarm]\ncheckpoints = [\n  "app",\n  "app/lat.py",\n]\n');
  expect(await said()).toEqual([
    64,
    "prewarm: error[bad-value] pyproject.toml:4: checkpoints names `app/lat.py`, which is no file; did you mean `app/late.py`?",
  ]);
  project.write("pyproject.toml", "[tool.prewarm]\nttl = 5\n");
  expect(await said({ PREWARM_WORKERS: "many" })).toEqual([
    64,
    "prewarm: error[bad-value] Expected PREWARM_WORKERS to be a number, `auto` or `logical`, got `many`.",
  ]);
  project.write("prewarm.toml", "ttl = \n");
  expect((await said())[1]).toMatch(/^prewarm: error\[bad-toml\] prewarm.toml:\d: This is no TOML: /);
  project.write("prewarm.toml", "ttl = 5\n");
  expect((await said())[1]).toMatch(/^prewarm: error\[two-configurations\] pyproject.toml:2: /);
});

test("a change of the file holds from the next run on; a variable wins over it, a flag over that", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project, BARE);
  const passes = async (count: string, env: Readonly<Record<string, string>> = {}, flags: readonly string[] = []) => {
    const { exit, outcomes } = await prewarm.run([], { env: { ...env, COUNT: count }, flags });
    expect([exit, outcomes?.["test_app.py::test_count"]]).toEqual([0, "passed"]);
  };
  await passes("1");
  project.write("pyproject.toml", "[tool.pytest.ini_options]\n\n[tool.prewarm]\nworkers = 2\nttl = 77\n");
  await passes("2");
  expect((await prewarm.status()).ttlMs).toBe(77_000);
  await passes("1", { PREWARM_WORKERS: "1", PREWARM_TTL: "78" });
  expect((await prewarm.status()).ttlMs).toBe(78_000);
  await passes("2", { PREWARM_WORKERS: "1" }, ["-n", "2"]);
  const { stdout } = await prewarm.command(["config", "--json"], { env: { PREWARM_TTL: "78" } }).finished;
  const misspelt = await prewarm.command(["config"], { env: { PREWARM_WORKER: "2", PREWARM_QUIET: "1" } }).finished;
  expect(misspelt.stderr).toBe(
    "prewarm: warning[unknown-variable] `PREWARM_WORKER` is no variable of prewarm; did you mean `PREWARM_WORKERS`?\n   next: unset PREWARM_WORKER\n",
  );
  const { file, keys } = JSON.parse(stdout) as { file: string; keys: Readonly<Record<string, unknown>> };
  expect([file, keys.workers, keys.ttl, keys.http]).toEqual([
    "pyproject.toml",
    { value: "2", origin: "pyproject.toml:4" },
    { value: 78, origin: "PREWARM_TTL" },
    { value: 7411, origin: "default" },
  ]);
});

test("timelines: cut where it is said, started anew for a named file and a variable with a named beginning", async () => {
  using project = new Project({ ...FILES, "schema.sql": "1" });
  await using prewarm = new Prewarm(project, { ...BARE, COUNT: "1" });
  const reason = async (env: Readonly<Record<string, string>> = {}) => {
    expect((await prewarm.run([], { env })).exit).toBe(0);
    const { lastRecord, trunks } = await prewarm.status();
    const before = trunks.at(-1)?.checkpoints.map((each) => each.before);
    return [lastRecord?.way, lastRecord?.reason, before?.includes("app.late")];
  };
  expect(await reason()).toEqual(["cold", "nothing that fits is kept", false]);
  project.write("prewarm.toml", 'checkpoints = ["app/late.py"]\nwatch-globs = ["*.sql"]\nenv-prefixes = ["SHOP_"]\n');
  expect(await reason()).toEqual(["cold", "schema.sql created, which watch-globs names", true]);
  expect((await reason())[0]).toBe("warm");
  project.write("schema.sql", "2");
  expect(await reason()).toEqual(["cold", "schema.sql modified, which watch-globs names", true]);
  expect((await reason({ SHOP_PRICES: "net", OTHER: "1" }))[0]).toBe("cold");
  expect((await reason({ SHOP_PRICES: "net", OTHER: "2" }))[0]).toBe("warm");
});

test("a watch runs for a named file, not for an ignored one, and goes on over a broken configuration", async () => {
  const reads = "def test_reads():\n    with open('out.txt') as file:\n        assert file.read() == '1'\n";
  const config = 'watch-globs = ["*.sql"]\nignore-globs = ["out.txt"]\n';
  using project = new Project({ "prewarm.toml": config, "out.txt": "1", "test_reads.py": reads });
  await using prewarm = new Prewarm(project);
  const watch = new Watch(prewarm);
  expect(await watch.run()).toEqual({ "test_reads.py::test_reads": "passed" });
  project.write("new.sql", "1");
  expect(await watch.run()).toEqual({ "test_reads.py::test_reads": "passed" });
  project.write("out.txt", "2");
  project.write("prewarm.toml", "ignore = []\n");
  const events = await watch.events();
  const edited = events.flatMap((event) => (event.type === "edit" ? event.files.map(({ path }) => path) : []));
  expect(edited).toEqual(["prewarm.toml"]);
  expect(events.flatMap((event) => (event.type === "warning" ? [event.code] : []))).toEqual(["unknown-key"]);
  // What was ignored began no run, and counts in the next one.
  expect(events.flatMap((event) => (event.type === "test-finished" ? [event.outcome] : []))).toEqual(["failed"]);
  watch.end();
});

test("a server takes its port from the configuration, unless it is told one", async () => {
  using project = new Project({ ...FILES, "prewarm.toml": "http = 0\n" });
  await using prewarm = new Prewarm(project, BARE);
  const serve = prewarm.command(["serve", "--http", "--python", interpreter]);
  await serve.writes("\n");
  expect(serve.text("stdout")).toMatch(/^http:\/\/127\.0\.0\.1:(?!7411\b)\d+\n/);
  serve.signal("SIGTERM");
  await serve.finished;
});
