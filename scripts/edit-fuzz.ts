// Random edits of a copy of a real project, each followed by a warm run and a cold one that have to agree:
// the first form of `scripts/parity.ts` that one reaches for, with the number of edits and the seed beside the project.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { builtinSubjects } from "./parity/subjects.ts";

const names = builtinSubjects.map(({ name }) => name);
const USAGE = `Usage: node scripts/edit-fuzz.ts PROJECT N [SEED] [options of scripts/parity.ts]
  PROJECT  ${names.join(", ")}, or a folder; it is copied, never changed
  N        how many edits, such as 250
  SEED     makes the edits reproducible; drawn and printed where it is left out
`;

const [project, edits, ...rest] = process.argv.slice(2);
if (project === undefined || edits === undefined || !/^\d+$/.test(edits)) {
  process.stderr.write(USAGE);
  process.exitCode = project === "--help" ? 0 : 2;
} else {
  const seed = rest[0]?.startsWith("-") === false ? ["--seed", rest[0]] : [];
  const options = seed.length > 0 ? rest.slice(1) : rest;
  const subject = names.includes(project) ? ["--builtin", project] : ["--project", project];
  const words = [...subject, "--edits", edits, ...seed, "--skip-whole", ...options];
  const run = spawnSync(process.execPath, [join(import.meta.dirname, "parity.ts"), ...words], { stdio: "inherit" });
  process.exitCode = run.status ?? 1;
}
