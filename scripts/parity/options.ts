import { parseArgs } from "node:util";
import { standIns } from "./stand-ins.ts";
import { builtinSubjects, type Selection, type Subject } from "./subjects.ts";
import { splitWords } from "./words.ts";

/** The command line, parsed. */
export interface Options {
  readonly subjects: readonly Subject[];
  readonly python: string | undefined;
  readonly pytestVersions: readonly string[];
  readonly edits: number;
  readonly seed: string;
  /** A stand-in's name. */
  readonly standIn: string | undefined;
  readonly warmCommand: readonly string[] | undefined;
  readonly evidenceFolder: string | undefined;
  readonly skipTo: number;
  readonly skipWhole: boolean;
  readonly isMatrix: boolean;
  /** What `-n` says of workers, for the watch alone; empty for none. */
  readonly workers: string;
}

export const usage = `Usage: node scripts/parity.ts SUBJECT [options] [-- PYTEST ARGS]

Runs a suite cold with plain pytest and warm through prewarm, at first and after each of many edits,
and compares every outcome and the exit code.

Subject, one or more:
  --builtin NAME          ${builtinSubjects.map(({ name }) => name).join(", ")}
  --project DIR           a folder with its tests; it is copied, never changed
  --installed PKG:A,B     an installed package that ships its tests, and the sub-packages to run

Options:
  --python PATH           base interpreter, or with --pytest as-is the one that is used (default: python3)
  --pytest VERSION        pytest to install: a version, newest, or as-is for what the interpreter has (default: newest)
  --package REQUIREMENT   another package to install; repeatable
  --edits N               edits after the first runs (default: 40)
  --seed S                makes the edits reproducible (default: drawn and printed)
  --select "ARGS"         pytest's arguments after an edit; one of those given is drawn each time; repeatable
  --edit-under PATH       edits stay under these folders; repeatable
  --stand-in NAME         ${standIns.join(" or ")} in prewarm's place, to prove the comparison
  --warm-command "CMD"    runs instead of prewarm, with {outcomes} and {python} filled in
  --skip-to N             makes the edits before N without running anything
  --skip-whole            leaves out the runs of the whole suite before and after the edits
  --evidence DIR          where the evidence of differences goes (default: a temporary folder)
  --matrix                every Python found with every pytest: 7.4.4, 8.4.2, 9.0.2, 9.1.1, newest, or those of --pytest
`;

/** The pytest versions of a matrix. */
const matrixVersions = ["7.4.4", "8.4.2", "9.0.2", "9.1.1", "newest"];

/** Parses the command line; throws an Error with one clear line where it cannot. */
export function parseOptions(argv: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      builtin: { type: "string", multiple: true, default: [] },
      project: { type: "string", multiple: true, default: [] },
      installed: { type: "string", multiple: true, default: [] },
      python: { type: "string" },
      pytest: { type: "string", multiple: true },
      package: { type: "string", multiple: true, default: [] },
      edits: { type: "string", default: "40" },
      seed: { type: "string", default: String(Math.floor(Math.random() * 1_000_000)) },
      select: { type: "string", multiple: true, default: [] },
      "edit-under": { type: "string", multiple: true, default: [] },
      "warm-command": { type: "string" },
      "stand-in": { type: "string" },
      "skip-to": { type: "string", default: "1" },
      "skip-whole": { type: "boolean", default: false },
      evidence: { type: "string" },
      matrix: { type: "boolean", default: false },
      workers: { type: "string", default: "" },
    },
  });
  const given = {
    pytestArgs: positionals,
    packages: values.package,
    selections: values.select.map((args): Selection => ({ pytestArgs: splitWords(args), scope: values["edit-under"] })),
    scope: values["edit-under"],
  };
  const subjects = [
    ...values.builtin.map((name) => withGiven(builtinSubject(name), given)),
    ...values.project.map((path) => withGiven(folderSubject(path), given)),
    ...values.installed.map((text) => withGiven(installedSubject(text), given)),
  ];
  if (subjects.length === 0)
    throw new Error("Expected --builtin, --project or --installed, got none of them. --help lists them.");
  return {
    subjects,
    python: values.python,
    pytestVersions: values.pytest ?? (values.matrix ? matrixVersions : ["newest"]),
    edits: wholeNumber("--edits", values.edits),
    seed: values.seed,
    standIn: standInNamed(values["stand-in"]),
    warmCommand: values["warm-command"] === undefined ? undefined : splitWords(values["warm-command"]),
    evidenceFolder: values.evidence,
    skipTo: wholeNumber("--skip-to", values["skip-to"]),
    skipWhole: values["skip-whole"],
    isMatrix: values.matrix,
    workers: values.workers,
  };
}

function withGiven(
  subject: Subject,
  given: {
    readonly pytestArgs: readonly string[];
    readonly packages: readonly string[];
    readonly selections: readonly Selection[];
    readonly scope: readonly string[];
  },
): Subject {
  const pytestArgs = given.pytestArgs.length > 0 ? given.pytestArgs : subject.pytestArgs;
  const own =
    given.pytestArgs.length > 0 || given.scope.length > 0 ? [{ pytestArgs, scope: given.scope }] : subject.selections;
  return {
    ...subject,
    pytestArgs,
    packages: [...subject.packages, ...given.packages],
    selections: given.selections.length > 0 ? given.selections : own,
  };
}

function builtinSubject(name: string): Subject {
  const subject = builtinSubjects.find((candidate) => candidate.name === name);
  if (subject === undefined) {
    throw new Error(
      `Expected --builtin to be one of ${builtinSubjects.map((known) => known.name).join(", ")}, got ${name}.`,
    );
  }
  return subject;
}

function standInNamed(name: string | undefined): string | undefined {
  if (name === undefined || standIns.some((known) => known === name)) return name;
  throw new Error(`Expected --stand-in to be one of ${standIns.join(", ")}, got ${name}.`);
}

function folderSubject(path: string): Subject {
  return {
    name: path.replace(/\/+$/, "").split("/").at(-1) ?? path,
    source: { kind: "folder", path },
    packages: [],
    pytestArgs: [],
    selections: [],
  };
}

function installedSubject(text: string): Subject {
  const [packageName = "", parts = ""] = text.split(":");
  const subPackages = parts.split(",").filter(Boolean);
  const pytestArgs = subPackages.length > 0 ? subPackages.map((part) => `${packageName}/${part}`) : [packageName];
  return {
    name: packageName,
    source: { kind: "installed", packageName },
    packages: [packageName],
    pytestArgs,
    selections: [{ pytestArgs, scope: pytestArgs }],
  };
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`Expected ${option} to be a whole number, got ${text}.`);
  return value;
}
