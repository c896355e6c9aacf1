// Checks everything, in the order from cheap to dear. `npm test -- tsc biome` runs the named steps alone,
// `npm test -- --fast` leaves out the end-to-end tests, `npm test -- ray` runs those on a real Ray cluster, which nothing else does. A failed step never hides the ones after it.
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { findChromium } from "../tests/rig/find-chromium.ts";
import { root, stream } from "./command.ts";
import { hasModule, preparePython } from "./python.ts";

const { values, positionals } = parseArgs({
  options: { fast: { type: "boolean", default: false } },
  allowPositionals: true,
});
const python = await preparePython({
  folder: join(root, ".venv-test"),
  requirements: [join(root, "tests/requirements.txt"), join(root, "examples/shop/requirements.txt")],
  base: process.env.PREWARM_TEST_PYTHON ?? "python3",
});
// Programs of others need no Python of the tests' own version.
const tools = await prepareTools();
const ray = await prepareRay();
const reports = join(root, ".cache/reports");
const vitestReport = join(reports, "vitest.json");

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** The Python module without which the step is left out; only where the package index is out of reach. */
  readonly needs?: string;
  /** Run only where it is named. */
  readonly isOnRequest?: true;
}

const steps: readonly Step[] = [
  { name: "build", command: [process.execPath, "scripts/build.ts"] },
  { name: "biome", command: ["biome", "check", "--error-on-warnings", "."] },
  { name: "tsc", command: ["tsc"] },
  { name: "tsc-web", command: ["tsc", "-p", "web"] },
  { name: "knip", command: ["knip"] },
  { name: "ruff", command: [python.path, "-m", "ruff", "check", "."], needs: "ruff" },
  { name: "ruff-format", command: [python.path, "-m", "ruff", "format", "--check", "."], needs: "ruff" },
  {
    name: "mypy",
    command: [
      python.path,
      "-m",
      "mypy",
      "--strict",
      "agent/prewarm",
      "agent/verify",
      "agent/probe",
      "agent/facts",
      "agent/ray_bridge",
    ],
    needs: "mypy",
  },
  { name: "pytest", command: [python.path, "-m", "pytest", "tests/agent"], needs: "pytest" },
  {
    name: "vitest",
    command: [
      "vitest",
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${vitestReport}`,
      ...(values.fast ? ["--project", "unit"] : []),
    ],
  },
  ...(ray === undefined
    ? []
    : [{ name: "ray", command: ["vitest", "run", "--project", "ray"], isOnRequest: true as const }]),
];

process.exitCode = await checkAll(chooseSteps());

/** The interpreter with the programs that prewarm is checked with; undefined where they are not wanted or not to be had. */
async function prepareTools(): Promise<string | undefined> {
  if (values.fast || (positionals.length > 0 && !positionals.includes("vitest"))) return undefined;
  const prepared = await preparePython({
    folder: join(root, ".venv-tools"),
    requirements: [join(root, "tests/requirements-tools.txt")],
    base: "python3",
  });
  return prepared.fallback === undefined ? prepared.path : undefined;
}

/** The interpreter with a Ray to test with; undefined where it is not wanted or not to be had: some 300 MB are installed for it. */
async function prepareRay(): Promise<string | undefined> {
  if (!positionals.includes("ray")) return undefined;
  const { path, fallback } = await preparePython({
    folder: join(root, ".venv-ray"),
    requirements: [join(root, "tests/requirements-ray.txt")],
    base: "python3",
    isOptional: true,
  });
  return fallback === undefined && (await hasModule(path, "ray")) ? path : undefined;
}

function chooseSteps(): readonly Step[] {
  const unknown = positionals.filter((name) => name !== "ray" && !steps.some((step) => step.name === name));
  if (unknown.length > 0) {
    throw new Error(`Expected steps among ${steps.map((step) => step.name).join(", ")}, got ${unknown.join(", ")}.`);
  }
  return positionals.length === 0
    ? steps.filter(({ isOnRequest }) => isOnRequest !== true)
    : steps.filter((step) => positionals.includes(step.name));
}

async function checkAll(chosen: readonly Step[]): Promise<number> {
  await mkdir(reports, { recursive: true });
  await rm(vitestReport, { force: true });
  const env = {
    ...process.env,
    PREWARM_TEST_INTERPRETER: python.path,
    ...(tools === undefined ? {} : { PREWARM_TEST_TOOLS: dirname(tools) }),
    ...(ray === undefined ? {} : { PREWARM_TEST_RAY: ray }),
  };
  const times: string[] = [];
  const failed: string[] = [];
  const leftOut: string[] = [];
  for (const step of chosen) {
    if (step.needs !== undefined && !(await hasModule(python.path, step.needs))) {
      leftOut.push(step.name);
      continue;
    }
    console.log(`\n── ${step.name}`);
    const startedMs = performance.now();
    const exitCode = await stream(step.command, { env });
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    times.push(`${step.name} ${seconds} s${exitCode === 0 ? "" : " FAILED"}`);
    if (exitCode !== 0) failed.push(step.name);
  }

  if (python.fallback !== undefined) console.log(`\n${python.fallback}`);
  if (tools === undefined && chosen.some((step) => step.name === "vitest") && !values.fast) {
    console.log("Left out, for want of a package: tests/tools.");
  }
  if (ray === undefined && positionals.includes("ray"))
    console.log("Left out, for want of the package ray: tests/ray.");
  if (positionals.length === 0 && !values.fast) console.log("Not run unless named: tests/ray (npm test -- ray).");
  if (findChromium() === undefined && chosen.some((step) => step.name === "vitest") && !values.fast) {
    console.log("Left out, for want of Chromium: tests/page.");
  }
  if (leftOut.length > 0) console.log(`Left out, for want of a package: ${leftOut.join(", ")}.`);
  console.log(`\n${times.join(" · ")}`);
  if (failed.length > 0) console.log(`failed steps: ${failed.join(", ")}`);
  if (chosen.some((step) => step.name === "vitest")) console.log(await vitestClosingLine());
  return failed.length === 0 ? 0 : 1;
}

/**
 * "12 passed, 0 failed": vitest's own closing lines are not of the form that test services count.
 * A vitest that wrote no report has not started, and that is one failure.
 */
async function vitestClosingLine(): Promise<string> {
  const text = await readFile(vitestReport, "utf8").catch(() => undefined);
  if (text === undefined) return "0 passed, 1 failed";
  const report = JSON.parse(text) as VitestReport;
  // A file that does not even load has no tests to count, and is still a failure.
  const brokenFiles = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  return `${report.numPassedTests} passed, ${report.numFailedTests + brokenFiles.length} failed`;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly unknown[];
  }[];
}
