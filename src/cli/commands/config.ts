import { nearestName } from "../../base/nearest-name.ts";
import { CONFIG_FILES, readConfigFile } from "../../config/config-file.ts";
import { KEY_NAMES, KEYS } from "../../config/keys.ts";
import { type Config, describeOrigin, resolveConfig } from "../../config/resolve.ts";
import { printWarning } from "../../surfaces/terminal/print-problem.ts";
import type { Flags } from "../parse-arguments.ts";
import type { Project } from "../project.ts";
import { reportProblem } from "../report-problem.ts";
import { errorScreen } from "../screen.ts";
import { writeText } from "../write-output.ts";

/** Variables that are no keys; `docs/configuration.md` says what they do. */
const OTHER_VARIABLES = ["BIN", "DISABLE", "PYTHON", "QUIET", "STATE_DIR"].map((name) => `PREWARM_${name}`);

/** `prewarm config`: what is in force here without flags, and where each value comes from. */
export async function config(flags: Flags, project: Project): Promise<number> {
  project.connection?.close();
  const file = await readConfigFile(project.root);
  if (!file.ok) return reportProblem(file.error);
  const resolved = resolveConfig({ root: project.root, file: file.value, env: process.env, flags: {} });
  if (!resolved.ok) return reportProblem(resolved.error);
  const name = file.value?.name ?? null;
  warnOfUnknownVariables();
  writeText(1, flags.json === true ? toJson(resolved.value, name) : toTable(resolved.value, name));
  return 0;
}

/** A misspelt variable does nothing, and nobody would be told by a run. */
function warnOfUnknownVariables(): void {
  const known = [...KEY_NAMES.map((name) => KEYS[name].variable), ...OTHER_VARIABLES];
  for (const name of Object.keys(process.env)) {
    if (!name.startsWith("PREWARM_") || known.includes(name)) continue;
    const nearest = nearestName(name, known);
    const hint = nearest === undefined ? "." : `; did you mean \`${nearest}\`?`;
    const text = `\`${name}\` is no variable of prewarm${hint}`;
    printWarning({ code: "unknown-variable", text, next: `unset ${name}` }, errorScreen());
  }
}

function toJson({ values, origins }: Config, file: string | null): string {
  const rows = KEY_NAMES.map((key) => [key, { value: values[key], origin: describeOrigin(origins[key]) }]);
  return `${JSON.stringify({ file, keys: Object.fromEntries(rows) })}\n`;
}

function toTable({ values, origins }: Config, file: string | null): string {
  const rows = KEY_NAMES.map((key) => {
    const { flag, variable } = KEYS[key];
    return [key, shown(values[key]), describeOrigin(origins[key]), flag, variable];
  });
  const head = ["key", "value", "from", "flag", "variable"];
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const told = file ?? `no configuration file: ${CONFIG_FILES.join(", or [tool.prewarm] in ")}`;
  return `${told}\n\n${lines.join("\n")}\n`;
}

function shown(value: string | number | readonly string[]): string {
  if (typeof value === "object") return value.length === 0 ? "none" : value.join(", ");
  return value === "" || value === 0 ? "none" : String(value);
}
