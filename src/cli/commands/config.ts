import { CONFIG_FILES, readConfigFile } from "../../config/config-file.ts";
import { KEY_NAMES, KEYS } from "../../config/keys.ts";
import { type Config, describeOrigin, resolveConfig } from "../../config/resolve.ts";
import type { Flags } from "../parse-arguments.ts";
import type { Project } from "../project.ts";
import { reportProblem } from "../report-problem.ts";
import { writeText } from "../write-output.ts";

/** `prewarm config`: what is in force here without flags, and where each value comes from. */
export async function config(flags: Flags, project: Project): Promise<number> {
  project.connection?.close();
  const file = await readConfigFile(project.root);
  if (!file.ok) return reportProblem(file.error);
  const resolved = resolveConfig({ root: project.root, file: file.value, env: process.env, flags: {} });
  if (!resolved.ok) return reportProblem(resolved.error);
  const name = file.value?.name ?? null;
  writeText(1, flags.json === true ? toJson(resolved.value, name) : toTable(resolved.value, name));
  return 0;
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
