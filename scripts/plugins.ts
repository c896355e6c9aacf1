// Plugins of pytest in warm runs: each in an environment of its own, cold and then warm, before an edit and after it. What
// has to be the same is the exit code, each outcome, the output but for times, and every file that is written.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { type FoundPython, findPythons, prepareEnvironment } from "./parity/environments.ts";
import { runAnyway } from "./plugins/run-anyway.ts";
import { TRIALS, type Trial } from "./plugins/trials.ts";

const USAGE = `Usage: node scripts/plugins.ts [--python 3.11] [--pytest 9.0.2] [--markdown FILE] [PLUGIN…]
Needs a build. Environments are kept in ~/.cache/prewarm-parity.
`;
const PROGRAM = join(import.meta.dirname, "../bin/prewarm.js");
const FILES: Readonly<Record<string, string>> = {
  "shop.py": "def price(count):\n    return count * 2\n",
  "conftest.py": "import pytest\n\n\n@pytest.fixture\ndef broken():\n    raise OSError('no shop')\n",
  "test_shop.py":
    "import pytest\n\nimport shop\n\n\n@pytest.mark.parametrize('count', [1, 2])\ndef test_price(count):\n    print('counted', count)\n    assert shop.price(count) == 2 * count\n\n\ndef test_wrong():\n    assert shop.price(1) == {'a': 3}\n\n\ndef test_error(broken):\n    pass\n\n\n@pytest.mark.skip(reason='closed')\ndef test_skipped():\n    pass\n\n\n@pytest.mark.xfail\ndef test_xfailed():\n    assert 0\n",
};
const EDITED = "def price(count):\n    return count * 2 if count < 2 else 0\n";

/** One run of one side. */
interface Ran {
  readonly exit: number;
  readonly output: string;
  readonly files: Readonly<Record<string, string>>;
}

interface Verdict {
  readonly trial: Trial;
  readonly version: string;
  readonly ways: readonly string[];
  /** What differs, in words, for the first run in which something does. */
  readonly difference: string;
}

async function tryOne(trial: Trial, python: string, keep: string): Promise<Verdict> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pw-plugin-")));
  const sides = { cold: join(folder, "cold/shop"), warm: join(folder, "warm/shop") };
  const args = ["-rA", ...(trial.args ?? [])];
  const env = {
    ...process.env,
    PREWARM_STATE_DIR: join(folder, "state"),
    PYTHONDONTWRITEBYTECODE: "1",
    COLUMNS: "100",
  };
  const prewarm = (words: readonly string[]) => runAnyway([process.execPath, PROGRAM, ...words], sides.warm, env);
  const version = await versionOf(python, trial.name);
  const ways: string[] = [];
  let difference = "";
  try {
    for (const side of Object.values(sides)) writeProject(side, { ...FILES, ...trial.files });
    for (const step of ["first", "second", "edited", "after"]) {
      if (step === "edited") for (const side of Object.values(sides)) writeFileSync(join(side, "shop.py"), EDITED);
      const cold = await runAnyway([python, "-m", "pytest", ...args], sides.cold, env);
      const warm = await prewarm([
        "run",
        "--quiet",
        "--leaks",
        "off",
        "--python",
        python,
        "--",
        "python",
        "-m",
        "pytest",
        ...args,
      ]);
      const status = await prewarm(["status", "--json"]);
      const way = /"way":"(\w+)"/.exec(status.stdout)?.[1] ?? "";
      const reason = way === "plain" ? ` (${/"reason":"([^"]*)"/.exec(status.stdout)?.[1] ?? ""})` : "";
      ways.push(`${way}${reason}`);
      const told = compare(
        { exit: cold.exit, output: plain(cold.stdout, sides.cold), files: filesIn(sides.cold) },
        { exit: warm.exit, output: plain(warm.stdout, sides.warm), files: filesIn(sides.warm) },
      );
      if (told === "") continue;
      difference ||= `${step} run (${way}): ${told}`;
      const at = join(keep, trial.name, step);
      mkdirSync(at, { recursive: true });
      writeFileSync(join(at, "cold.txt"), plain(cold.stdout, sides.cold) + cold.stderr);
      writeFileSync(join(at, "warm.txt"), plain(warm.stdout, sides.warm) + warm.stderr);
      for (const [name, side] of Object.entries(sides)) cpSync(side, join(at, name), { recursive: true });
    }
  } finally {
    await prewarm(["stop"]);
    rmSync(folder, { recursive: true, force: true });
  }
  return { trial, version, ways, difference };
}

function compare(cold: Ran, warm: Ran): string {
  if (cold.exit !== warm.exit) return `exit code ${warm.exit}, cold ${cold.exit}`;
  const outcomes = [cold, warm].map(({ output }) => outcomesIn(output));
  if (outcomes[0] !== outcomes[1]) return "outcomes";
  const names = [...new Set([...Object.keys(cold.files), ...Object.keys(warm.files)])];
  const other = names.filter((name) => cold.files[name] !== warm.files[name]);
  if (other.length > 0) return `files: ${other.slice(0, 3).join(", ")}`;
  return cold.output === warm.output ? "" : "output";
}

function outcomesIn(output: string): string {
  const lines = output.split("\n").filter((line) => /^(?:PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS|RERUN)\b/.test(line));
  return lines
    .map((line) => line.replace(/ - .*/, ""))
    .toSorted()
    .join("\n");
}

/** Text without what is another in each run: times, addresses, ids of processes, names of folders. */
function plain(text: string, root: string): string {
  return text
    .replaceAll(root, "ROOT")
    .replaceAll(/0x[0-9a-f]+/g, "0xN")
    .replaceAll(/pytest-of-\w+\/pytest-\d+/g, "TMP")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "UUID")
    .replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.+Z]+|\b\d\d:\d\d:\d\d\b/g, "TIME")
    .replaceAll(/\d+(?:\.\d+)?(?:e-?\d+)?\s?(?:m?s\b|us\b|seconds?|[KM]i?B)/g, "N")
    .replaceAll(/"?\b(?:start|stop|created|duration|pid|time|seed)"?[:=] ?\d[\d.e-]*/gi, "N")
    .replaceAll(/\d+\.\d{3,}(?:e-\d+)?/g, "N")
    .replaceAll(/=+/g, "=");
}

/** What stands in the project, by path, but for caches. */
function filesIn(root: string): Readonly<Record<string, string>> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const known = files.map((entry) => join(entry.parentPath, entry.name));
  const own = known.filter((path) => !/\.pytest_cache|__pycache__|\.coverage$/.test(path));
  const told = own.map((path) => [nameless(relative(root, path)), plain(readFileSync(path, "utf8"), root)] as const);
  // Files that are named by chance are told by their number alone.
  const byName = Map.groupBy(told, ([name]) => name);
  return Object.fromEntries(
    [...byName].map(([name, all]) => [name, name.includes("UUID") ? String(all.length) : (all[0]?.[1] ?? "")]),
  );
}

function nameless(name: string): string {
  return name.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}/g, "UUID");
}

function writeProject(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

async function versionOf(python: string, name: string): Promise<string> {
  const code = `import importlib.metadata as m; print(m.version(${JSON.stringify(name)}))`;
  return (await runAnyway([python, "-c", code], tmpdir(), process.env)).stdout.trim();
}

function table(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ trial, version, ways, difference }) => {
    const same = difference === "" ? "yes" : difference;
    const options = trial.args === undefined ? "" : ` \`${trial.args.join(" ")}\``;
    return `| ${trial.name}${options} | ${version} | ${same} | ${[...new Set(ways)].join(", ")} |`;
  });
  return ["| plugin | version | same as cold | how served |", "|---|---|---|---|", ...rows, ""].join("\n");
}

const words = process.argv.slice(2);
const option = (name: string): string | undefined => {
  const at = words.indexOf(name);
  return at === -1 ? undefined : words.splice(at, 2)[1];
};
if (words.includes("--help")) process.stdout.write(USAGE);
else {
  const wanted = option("--python") ?? "3.11";
  const pytest = option("--pytest") ?? "9.0.2";
  const file = option("--markdown");
  const python: FoundPython | undefined = (await findPythons()).find(({ version }) => version.startsWith(wanted));
  if (python === undefined) throw new Error(`Expected a Python ${wanted} on this machine, found none.`);
  const keep = realpathSync(mkdtempSync(join(tmpdir(), "pw-plugins-")));
  const verdicts: Verdict[] = [];
  for (const trial of TRIALS.filter(({ name }) => words.length === 0 || words.includes(name))) {
    const path = await prepareEnvironment(python.path, pytest, [trial.name, ...(trial.needs ?? [])]).catch(
      (error: unknown) => String(error).split("\n").at(-1) ?? "",
    );
    if (!path.startsWith("/")) {
      process.stdout.write(`? ${trial.name}: ${path}\n`);
      continue;
    }
    const verdict = await tryOne(trial, path, keep);
    verdicts.push(verdict);
    const mark = verdict.difference === "" ? "✓" : "✗";
    process.stdout.write(
      `${mark} ${trial.name} ${verdict.version}  ${verdict.ways.join(", ")}  ${verdict.difference}\n`,
    );
  }
  if (file !== undefined) writeFileSync(file, table(verdicts));
  const different = verdicts.filter(({ difference }) => difference !== "").length;
  process.stdout.write(
    `${verdicts.length - different} same as cold, ${different} different${different > 0 ? `: both sides are in ${keep}` : ""}\n`,
  );
  process.exitCode = different > 0 ? 1 : 0;
}
