import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import {
  EDITED_MODULES,
  EDITED_TEST_FILE,
  editOf,
  GREEN_FILE,
  GREEN_SUITE,
  GREEN_TEST,
  SINGLE_TEST,
  type Verdict,
} from "./edits.ts";
import { basePython, cleanEnvironment, HOME } from "./environment.ts";
import { makeApplication } from "./make-app.ts";
import { type Series, seriesOf } from "./statistics.ts";

/** The floors, each measured on this machine in this run. */
export interface Limits {
  /** A bare Node process: start, connect to a unix socket, one line there and one back, exit. */
  readonly bareClient: Series;
  /** Fork of the process that has collected everything, one test through pytest's protocol, its result over a pipe. */
  readonly oneTest: Series;
  /** The same for the ten tests of one file. */
  readonly tenTests: Series;
  /** Fork, import and collection of a changed test file, its tests. */
  readonly editedFile: Series;
  /** Fork and all 600 tests. */
  readonly fullRun: Series;
  /** The same with pytest's own reporter, whose output is part of every run and of no limit. */
  readonly reportedRun: Series;
  /** From the first import of the edited leaf module to the end of the test file's collection, third-party packages loaded. */
  readonly afterLeaf: Series;
  /** The same for the edited core module, which comes before every other module of the application. */
  readonly afterCore: Series;
  /** The same from the first module of the application: what an edit of the conftest, which imports all of it, leaves to be done. */
  readonly afterConftest: Series;
  /** `python -c` with an import of pytest and all that the application imports. */
  readonly coldImports: Series;
}

const SCRIPT = join(import.meta.dirname, "limits.py");
const BARE_CLIENT = join(import.meta.dirname, "bare-client.js");
/** Imported before the application where its own part is measured: the packages of requirements.txt as the application uses them. */
const THIRD_PARTY = [
  "numpy",
  "scipy.interpolate",
  "scipy.linalg",
  "scipy.signal",
  "scipy.stats",
  "scipy.integrate",
  "scipy.optimize",
  "sympy",
  "networkx",
  "pydantic",
  "boto3",
  "botocore.client",
  "botocore.signers",
  "flask",
  "flask.testing",
];

/** Measures every floor with the given number of rounds each (process starts and whole timelines: fewer). */
export async function measureLimits(rounds: number): Promise<Limits> {
  const python = await basePython();
  const folder = join(HOME, "apps", "limits");
  makeApplication(folder);
  await timed(python, ["-m", "pytest", "-q"], folder);
  const session = await measureSession(python, folder, rounds);
  const follow = await measureFollow(python, folder);
  return {
    bareClient: await measureBareClient(Math.max(21, rounds)),
    ...session,
    afterLeaf: seriesOf(follow.map((times) => times.leaf)),
    afterCore: seriesOf(follow.map((times) => times.core)),
    afterConftest: seriesOf(follow.map((times) => times.conftest)),
    coldImports: seriesOf(await repeated(5, () => timed(python, ["-c", "import pytest, heavyapp.app"], folder))),
  };
}

async function measureBareClient(rounds: number): Promise<Series> {
  const path = join(HOME, "bare.sock");
  mkdirSync(HOME, { recursive: true });
  rmSync(path, { force: true });
  const server = createServer((socket) => socket.on("data", () => socket.write("done\n")));
  server.listen(path);
  await once(server, "listening");
  try {
    return seriesOf(await repeated(rounds, () => timed(process.execPath, [BARE_CLIENT, path], HOME)));
  } finally {
    server.close();
  }
}

interface Measured {
  readonly durationMs: number;
  readonly outcomes: Readonly<Record<string, number>>;
}

async function measureSession(
  python: string,
  folder: string,
  rounds: number,
): Promise<Pick<Limits, "oneTest" | "tenTests" | "editedFile" | "fullRun" | "reportedRun">> {
  const edits = Array.from({ length: rounds }, (_, index) => editOf("test file", index + 1));
  const request = { test: SINGLE_TEST, rounds, variants: edits.map((edit) => edit.text) };
  // limits.py answers with these keys and nothing else.
  const answer = (await ask(python, "session", request, folder)) as Readonly<
    Record<"oneTest" | "tenTests" | "editedFile" | "fullRun" | "reportedRun", readonly Measured[]>
  >;
  return {
    oneTest: checked(answer.oneTest, () => GREEN_TEST),
    tenTests: checked(answer.tenTests, () => GREEN_FILE),
    editedFile: checked(answer.editedFile, (index) => edits[index]?.verdict),
    fullRun: checked(answer.fullRun, () => GREEN_SUITE),
    reportedRun: checked(answer.reportedRun, () => GREEN_SUITE),
  };
}

function checked(series: readonly Measured[], expected: (index: number) => Verdict | undefined): Series {
  for (const [index, measured] of series.entries()) {
    const counts = expected(index)?.counts;
    if (JSON.stringify(measured.outcomes) !== JSON.stringify(counts)) {
      throw new Error(
        `The limit was measured on a wrong run: expected ${JSON.stringify(counts)}, got ${JSON.stringify(measured.outcomes)}.`,
      );
    }
  }
  return seriesOf(series.map((measured) => measured.durationMs));
}

async function measureFollow(
  python: string,
  folder: string,
): Promise<readonly { readonly leaf: number; readonly core: number; readonly conftest: number }[]> {
  // pytest's own finder keeps the conftest from being seen; importing the application is what it begins with.
  const modules = [...Object.values(EDITED_MODULES), "heavyapp"];
  const request = { file: EDITED_TEST_FILE, ahead: THIRD_PARTY, modules };
  return repeated(5, async () => {
    const times = (await ask(python, "follow", request, folder)) as Readonly<Record<string, number>>;
    const { [EDITED_MODULES.leaf]: leaf, [EDITED_MODULES.core]: core, heavyapp: conftest } = times;
    if (leaf === undefined || core === undefined || conftest === undefined)
      throw new Error("limits.py did not see the edited modules.");
    return { leaf, core, conftest };
  });
}

async function ask(python: string, command: string, request: unknown, cwd: string): Promise<unknown> {
  const child = execFile(python, [SCRIPT, command], { cwd, env: cleanEnvironment({}), maxBuffer: 1 << 26 });
  let output = "";
  let errors = "";
  child.stdout?.on("data", (chunk: string) => {
    output += chunk;
  });
  child.stderr?.on("data", (chunk: string) => {
    errors += chunk;
  });
  child.stdin?.end(JSON.stringify(request));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`limits.py ${command} ended with ${String(code)}: ${errors}`);
  // pytest writes its own lines to the same descriptor before; the answer is the last line.
  return JSON.parse(output.slice(output.lastIndexOf("\n") + 1));
}

async function timed(file: string, args: readonly string[], cwd: string): Promise<number> {
  const startMs = performance.now();
  const child = spawn(file, args, { cwd, env: cleanEnvironment({}), stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${String(code)}.`);
  return performance.now() - startMs;
}

async function repeated<T>(count: number, measure: () => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  for (let round = 0; round < count; round += 1) results.push(await measure());
  return results;
}

if (import.meta.main) {
  const limits = await measureLimits(21);
  console.table(
    Object.fromEntries(
      Object.entries(limits).map(([name, series]: [string, Series]) => [
        name,
        {
          "median ms": series.medianMs.toFixed(1),
          "min ms": series.minMs.toFixed(1),
          "max ms": series.maxMs.toFixed(1),
          rounds: series.count,
        },
      ]),
    ),
  );
}
