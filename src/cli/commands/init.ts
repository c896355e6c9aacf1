import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readConfigFile } from "../../config/config-file.ts";
import { readTable, type TomlEntry } from "../../config/toml-table.ts";
import { problem } from "../../protocol/errors.ts";
import { findLaunch } from "../launch.ts";
import type { Project } from "../project.ts";
import { environmentName } from "../python/find-python.ts";
import { reportProblem } from "../report-problem.ts";
import { writeText } from "../write-output.ts";

/** What a new table begins with: nothing that is in force, so that the file alone changes no run. */
const LINES = `# Everything has a default that suits most projects: prewarm config shows what is in force.
# workers = "auto"                  # share the tests among the cores; one worker unless told
# dist = "loadfile"                 # keep the tests of a file together
# timeout-per-test = 60             # seconds after which a test has failed
# leaks = "fail"                    # what a test begins and does not end is its error
# on = "ssh:one,two"                # run the tests on these machines
# node-command = "prewarm node"     # what starts prewarm there
# node-python = ".venv/bin/python"  # the interpreter there, if it is at another path than here
# node-env = ["DATABASE_URL"]       # variables that pass to them
# node-patience = 20                # seconds after which one that says nothing is lost
# allow-differences = true          # run there with other packages, too
# checkpoints = ["src/app/urls.py"] # always keep a process that is parked just before this file
# never-ahead = ["some_package"]    # never import this installed package before its natural place
# watch-globs = ["*.sql"]           # files that all tests may depend on, though Python never opens them
# ignore-globs = ["output/"]        # files whose changes start no run of a watch
# env-prefixes = ["APP_"]           # variables whose change needs a new process
# workarounds = ["shop.search=shop.forks:reopen"] # what a library needs around a fork
# ttl = 1800                        # seconds that an idle daemon stays
# http = 7411                       # the port of prewarm serve --http
# verify-when-idle = true           # compare with cold runs while nothing is asked: they write what tests write
# editor = "code -g {file}:{line}"  # what the page opens files with, in place of VISUAL or EDITOR
`;

const PYTEST_FILES = [
  "pytest.toml",
  ".pytest.toml",
  "pytest.ini",
  ".pytest.ini",
  "pyproject.toml",
  "tox.ini",
  "setup.cfg",
];

/** Programs that do part of what prewarm does, by the word that gives them away in pytest's options. */
const OTHERS = { pytest_hot_reloading: "pytest-hot-reloading", "--fast": "pytest-fast" } as const;

/** `prewarm init`: says what it finds, and adds a table of the configuration where there is none. Never changes what is there. */
export async function init(project: Project): Promise<number> {
  project.connection?.close();
  const { root, cwd } = project;
  const file = await readConfigFile(root);
  if (!file.ok) return reportProblem(file.error);
  say(`project      ${root}`);
  say(`interpreter  ${await describeInterpreter(project)}`);
  say(`pytest       ${describePytest(root)}`);
  for (const other of otherPrograms(root)) {
    say(`beside it    ${other}: docs/configuration.md says what its flags and variables are called here`);
  }
  if (file.value !== null) {
    say(
      `\n${file.value.name} has ${file.value.table === file.value.name ? "the configuration" : file.value.table} already: nothing is written`,
    );
    return 0;
  }
  try {
    say(`\n${write(root)}: every key is there as a comment`);
  } catch (error) {
    return reportProblem(
      problem(
        "config-unwritable",
        `The configuration cannot be written (${error instanceof Error ? error.message : String(error)}).`,
        `cd ${cwd}`,
      ),
    );
  }
  say("next         prewarm run -- pytest");
  return 0;
}

function write(root: string): string {
  const shared = join(root, "pyproject.toml");
  if (!existsSync(shared)) {
    writeFileSync(join(root, "prewarm.toml"), LINES, { flag: "wx" });
    return "wrote prewarm.toml";
  }
  const text = readFileSync(shared, "utf8");
  const broken = readTable(text, []);
  if (!broken.ok) throw new Error(`pyproject.toml:${broken.error.line}: ${broken.error.text}`);
  const gap = text === "" || text.endsWith("\n\n") ? "" : text.endsWith("\n") ? "\n" : "\n\n";
  const added = `${gap}[tool.prewarm]\n${LINES}`;
  // Where `tool` is an inline table, no header can add to it.
  if (!readTable(text + added, []).ok) throw new Error("pyproject.toml has no room for [tool.prewarm]");
  appendFileSync(shared, added);
  return "added [tool.prewarm] to pyproject.toml";
}

async function describeInterpreter({ cwd, root }: Project): Promise<string> {
  const found = await findLaunch(["pytest"], undefined, { cwd, root, env: process.env });
  if (!found.ok) return `none: ${found.error.sentence}`;
  const { used } = found.value.choice;
  return used.version === undefined
    ? environmentName(used.python, cwd)
    : `${environmentName(used.python, cwd)}, Python ${used.version}`;
}

function describePytest(root: string): string {
  for (const name of PYTEST_FILES) {
    const text = read(root, name);
    if (text === undefined) continue;
    if (name === "pyproject.toml") {
      const entries = pytestTable(text);
      if (entries === undefined) continue;
      const paths = entries.find(({ key }) => key === "testpaths")?.value;
      return `${name}, testpaths ${Array.isArray(paths) ? paths.join(" ") : (paths ?? "not set")}`;
    }
    if (/^\[(?:tool:)?pytest\]/m.test(text)) return name;
  }
  return "no configuration: its own defaults";
}

function pytestTable(text: string): readonly TomlEntry[] | undefined {
  for (const path of [
    ["tool", "pytest", "ini_options"],
    ["tool", "pytest"],
  ]) {
    const table = readTable(text, path);
    if (table.ok && table.value !== undefined) return table.value;
  }
  return undefined;
}

function otherPrograms(root: string): readonly string[] {
  const options = PYTEST_FILES.map((name) => read(root, name) ?? "")
    .join("\n")
    .split("\n")
    .filter((line) => /^\s*addopts\b|^\s*"?-/.test(line))
    .join(" ");
  return Object.entries(OTHERS)
    .filter(([word]) => options.includes(word))
    .map(([, name]) => name);
}

function read(root: string, name: string): string | undefined {
  try {
    return readFileSync(join(root, name), "utf8");
  } catch {
    return undefined;
  }
}

function say(line: string): void {
  writeText(1, `${line}\n`);
}
