import { type CheckOptions, type CheckResult, checkParity } from "./check.ts";
import { runQuietly } from "./command.ts";
import { findPythons, NoEnvironment, prepareEnvironment } from "./environments.ts";
import type { Options } from "./options.ts";

/** What stays the same for every environment of a matrix. */
export type CommonOptions = Omit<CheckOptions, "subject" | "python">;

interface Row {
  readonly cells: readonly [python: string, pytest: string, subject: string];
  /** Undefined where the environment cannot be had, or the check broke off. */
  readonly result: CheckResult | undefined;
  readonly remark: string;
}

/** Checks every subject with every Python and pytest, prints a table; answers the sum. */
export async function checkMatrix(
  options: Options,
  common: CommonOptions,
): Promise<Pick<CheckResult, "comparisons" | "differences">> {
  const rows: Row[] = [];
  for (const python of await findPythons()) {
    for (const pytestVersion of options.pytestVersions) {
      for (const subject of options.subjects) {
        const cells = [python.version, pytestVersion, subject.name] as const;
        common.print(`== Python ${python.version}, pytest ${pytestVersion}, ${subject.name}`);
        rows.push(
          await checkOne(cells, async () => {
            const path = await prepareEnvironment(python.path, pytestVersion, subject.packages);
            return checkParity({ ...common, subject, python: path });
          }),
        );
      }
    }
  }
  printTable(rows, common.print);
  const broken = rows.filter(
    ({ result, remark }) => result === undefined && !remark.startsWith("not installable"),
  ).length;
  return {
    comparisons: rows.reduce((sum, { result }) => sum + (result?.comparisons ?? 0), 0),
    differences: rows.reduce((sum, { result }) => sum + (result?.differences ?? 0), 0) + broken,
  };
}

async function checkOne(cells: Row["cells"], check: () => Promise<CheckResult>): Promise<Row> {
  try {
    return { cells, result: await check(), remark: "" };
  } catch (error) {
    if (error instanceof NoEnvironment)
      return { cells, result: undefined, remark: `not installable: ${reasonOf(error)}` };
    return { cells, result: undefined, remark: `broke off: ${String(error)}` };
  }
}

/** pip's own reason, in one line. */
function reasonOf(error: Error): string {
  return (
    /Could not find a version[^(\n]*|No matching distribution[^\n]*/.exec(error.message)?.[0].trim() ??
    error.message.split("\n").at(-1) ??
    ""
  );
}

function printTable(rows: readonly Row[], print: (line: string) => void): void {
  const header = [
    "Python",
    "pytest",
    "subject",
    "comparisons",
    "differences",
    "noticed",
    "skipped",
    "cold s",
    "warm s",
  ];
  const lines = rows.map(({ cells, result, remark }) => {
    if (result === undefined) return [...cells, remark];
    const { comparisons, differences, outputDifferences, noticed, skipped, coldMs, warmMs } = result;
    return [
      ...cells,
      ...[comparisons, differences, outputDifferences, noticed, skipped].map(String),
      (coldMs / 1000).toFixed(1),
      (warmMs / 1000).toFixed(1),
    ];
  });
  for (const cells of [header, header.map(() => "---"), ...lines]) print(`| ${cells.join(" | ")} |`);
}

/** Checks the subjects with one Python and one pytest; answers the sum. */
export async function checkOneEnvironment(
  options: Options,
  common: CommonOptions,
): Promise<Pick<CheckResult, "comparisons" | "differences">> {
  let sum = { comparisons: 0, differences: 0 };
  const base = options.python ?? "python3";
  for (const pytestVersion of options.pytestVersions) {
    for (const subject of options.subjects) {
      const python =
        pytestVersion === "as-is"
          ? base
          : await prepareEnvironment(await absolutePython(base), pytestVersion, subject.packages);
      const result = await checkParity({ ...common, subject, python });
      sum = { comparisons: sum.comparisons + result.comparisons, differences: sum.differences + result.differences };
      common.print(
        `${subject.name}, pytest ${pytestVersion}: ${result.comparisons} comparisons, ${result.differences} differences, ${result.outputDifferences} outputs differ, ${result.noticed} steps changed an outcome, ${result.skipped} not comparable, cold ${Math.round(result.coldMs / 1000)} s, warm ${Math.round(result.warmMs / 1000)} s`,
      );
    }
  }
  return sum;
}

async function absolutePython(name: string): Promise<string> {
  return (await runQuietly([name, "-c", "import sys; print(sys.executable)"])).trim();
}
