import { type CheckOptions, type CheckResult, checkParity, isWeak } from "./check.ts";
import { runQuietly } from "./command.ts";
import { type FoundPython, findPythons, NoEnvironment, prepareEnvironment } from "./environments.ts";
import type { Options } from "./options.ts";
import type { Subject } from "./subjects.ts";

/** What stays the same for every environment and subject. */
export type CommonOptions = Omit<CheckOptions, "subject" | "python">;

/** What all checks came to together. */
export interface Total {
  readonly comparisons: number;
  readonly differences: number;
  /** Checks that broke off or prove nothing; one that Python or pytest rules out is not among them. */
  readonly unfit: number;
}

interface Row {
  readonly cells: readonly [python: string, pytest: string, subject: string];
  readonly result: CheckResult | undefined;
  readonly remark: string;
  readonly isUnfit: boolean;
}

/** Checks every subject with every Python and pytest asked for, prints a table; answers the sum. */
export async function checkAll(options: Options, common: CommonOptions): Promise<Total> {
  const rows: Row[] = [];
  for (const python of await pythonsOf(options)) {
    for (const pytestVersion of options.pytestVersions) {
      for (const subject of options.subjects) {
        common.print(`== Python ${python.version}, pytest ${pytestVersion}, ${subject.name}`);
        rows.push(await checkOne(python, pytestVersion, subject, common));
      }
    }
  }
  printTable(rows, common.print);
  return {
    comparisons: rows.reduce((sum, { result }) => sum + (result?.comparisons ?? 0), 0),
    differences: rows.reduce((sum, { result }) => sum + (result?.differences ?? 0), 0),
    unfit: rows.filter(({ isUnfit }) => isUnfit).length,
  };
}

async function pythonsOf(options: Options): Promise<readonly FoundPython[]> {
  if (options.isMatrix) return findPythons();
  const code = "import sys; print(sys.executable, '%d.%d.%d' % sys.version_info[:3])";
  const [path = "", version = ""] = (await runQuietly([options.python ?? "python3", "-c", code])).trim().split(" ");
  return [{ path, version }];
}

async function checkOne(
  base: FoundPython,
  pytestVersion: string,
  subject: Subject,
  common: CommonOptions,
): Promise<Row> {
  const cells = [base.version, pytestVersion, subject.name] as const;
  try {
    const python =
      pytestVersion === "as-is" ? base.path : await prepareEnvironment(base.path, pytestVersion, subject.packages);
    const result = await checkParity({ ...common, subject, python });
    // A runner that never keeps anything agrees with plain pytest and shows nothing.
    const neverWarm = common.statusCommand.length > 0 && result.servedWarm === 0;
    const weakness = isWeak(result) ? "most tests do not pass cold" : neverWarm ? "no run was served warm" : undefined;
    return {
      cells,
      result,
      remark: weakness === undefined ? "" : `proves little: ${weakness}`,
      isUnfit: weakness !== undefined,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isRuledOut = error instanceof NoEnvironment;
    const remark = isRuledOut
      ? `not for this Python: ${reason}`
      : `broke off: ${reason.replace(/\s+/g, " ").slice(-300)}`;
    return { cells, result: undefined, remark, isUnfit: !isRuledOut };
  }
}

const header = [
  ...["Python", "pytest", "subject", "comparisons", "differences", "outputs differ", "noticed", "not compared"],
  ...["outcomes", "passed", "served warm", "cold s", "warm s", "remark"],
];

function printTable(rows: readonly Row[], print: (line: string) => void): void {
  const lines = rows.map(({ cells, result, remark }) => {
    if (result === undefined) return [...cells, ...Array<string>(10).fill(""), remark];
    const { comparisons, differences, outputDifferences, noticed, skipped, outcomes, passed, servedWarm } = result;
    const counts = [comparisons, differences, outputDifferences, noticed, skipped, outcomes, passed, servedWarm];
    const times = [result.coldMs, result.warmMs].map((durationMs) => (durationMs / 1000).toFixed(1));
    return [...cells, ...counts.map(String), ...times, remark];
  });
  for (const cells of [header, header.map(() => "---"), ...lines]) print(`| ${cells.join(" | ")} |`);
}
