import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MAX_ITEMS } from "./app/core.ts";
import { TESTS_IN_A_FILE, testFiles, testPathOf } from "./app/tests.ts";
import { applicationFiles } from "./make-app.ts";

/** The subject whose files are edited; it stands in the middle of the list. */
const SUBJECT = "tickets";

/** The test file that is run after each edit, and the single test that is run without one. */
export const EDITED_TEST_FILE = testPathOf(SUBJECT, "checkout");
export const SINGLE_TEST = `${EDITED_TEST_FILE}::test_quota`;

/** The tests that the edits of `editOf` decide about: one of a feature, one of the core. */
export const LEAF_TEST = `${EDITED_TEST_FILE}::test_release_stage`;
export const CORE_TEST = `${EDITED_TEST_FILE}::test_release_channel`;

export type EditKind = "test file" | "leaf" | "core" | "constant" | "conftest";

/** What a run must come to. `failed` are node ids; `counts` are the words of pytest's last line. */
export interface Verdict {
  readonly exit: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly failed: readonly string[];
}

/** One state of one file, and the verdict of the edited test file that goes with it. */
export interface Edit {
  readonly path: string;
  readonly text: string;
  readonly verdict: Verdict;
}

export const GREEN_TEST: Verdict = { exit: 0, counts: { passed: 1 }, failed: [] };
export const GREEN_FILE: Verdict = { exit: 0, counts: { passed: TESTS_IN_A_FILE }, failed: [] };
export const GREEN_SUITE: Verdict = { exit: 0, counts: { passed: testFiles().length * TESTS_IN_A_FILE }, failed: [] };

/**
 * The edit of a round, counted from 1. It ends green and can be told from the round before: odd rounds make one test
 * skip (or add one test), even rounds do not (or add two). No two rounds have the same text, and no two in a row the
 * same size, because Python tells versions of a source apart by size and whole seconds.
 */
export function editOf(kind: EditKind, round: number): Edit {
  const odd = round % 2 === 1;
  if (kind === "constant") {
    const verdict = odd ? red("test_item_limit", TESTS_IN_A_FILE - 1) : GREEN_FILE;
    return { path: PATHS.constant, text: limited(odd ? MAX_ITEMS + 1 : MAX_ITEMS, round), verdict };
  }
  if (kind === "test file") {
    const added = odd ? 1 : 2;
    return {
      path: EDITED_TEST_FILE,
      text: original(EDITED_TEST_FILE) + addedTests(round, added),
      verdict: { ...GREEN_FILE, counts: { passed: TESTS_IN_A_FILE + added } },
    };
  }
  const word = odd ? "preview" : "stable";
  const counts = odd ? { passed: TESTS_IN_A_FILE - 1, skipped: 1 } : { passed: TESTS_IN_A_FILE };
  if (kind === "conftest")
    return { path: PATHS.conftest, text: guarded(odd, round), verdict: { ...GREEN_FILE, counts } };
  return { path: PATHS[kind], text: released(kind, round, word), verdict: { ...GREEN_FILE, counts } };
}

/** The verdict of `LEAF_TEST` or `CORE_TEST` alone after the edit of a round. */
export function verdictOfOne(round: number): Verdict {
  return round % 2 === 1 ? { exit: 0, counts: { skipped: 1 }, failed: [] } : GREEN_TEST;
}

/** An edit that makes exactly one known test of the edited test file fail. */
export function breakingEditOf(kind: EditKind): Edit {
  switch (kind) {
    case "test file":
      return {
        path: EDITED_TEST_FILE,
        text: `${original(EDITED_TEST_FILE)}\n\ndef test_broken() -> None:\n    assert settings.MAX_ITEMS < 0\n`,
        verdict: red("test_broken", TESTS_IN_A_FILE),
      };
    case "leaf":
      return {
        path: PATHS.leaf,
        text: released("leaf", 0, "withdrawn"),
        verdict: red("test_release_stage", TESTS_IN_A_FILE - 1),
      };
    case "core":
      return {
        path: PATHS.core,
        text: released("core", 0, "withdrawn"),
        verdict: red("test_release_channel", TESTS_IN_A_FILE - 1),
      };
    case "constant":
      return {
        path: PATHS.core,
        text: original(PATHS.core).replace(`MAX_ITEMS = ${MAX_ITEMS}`, `MAX_ITEMS = ${MAX_ITEMS} + 1`),
        verdict: red("test_item_limit", TESTS_IN_A_FILE - 1),
      };
    case "conftest":
      return {
        path: PATHS.conftest,
        text: original(PATHS.conftest).replace("app.test_client()", "app.test_client(use_cookies=None).missing"),
        verdict: { exit: 1, counts: { passed: TESTS_IN_A_FILE - 1, error: 1 }, failed: [] },
      };
  }
}

/** The file as it was generated. */
export function mendingEditOf(kind: EditKind): Edit {
  const path = PATHS[kind];
  return { path, text: original(path), verdict: GREEN_FILE };
}

/** Writes the edited file in place, as most editors do. */
export function apply(edit: Edit, folder: string): void {
  const path = join(folder, edit.path);
  if (readFileSync(path, "utf8") !== edit.text) writeFileSync(path, edit.text);
}

/** The application's modules that are edited, by their Python names, in the order in which they are imported. */
export const EDITED_MODULES = {
  core: "heavyapp.core.settings",
  leaf: `heavyapp.features.${SUBJECT}_checkout`,
} as const;

const PATHS: Readonly<Record<EditKind, string>> = {
  "test file": EDITED_TEST_FILE,
  leaf: `${EDITED_MODULES.leaf.replaceAll(".", "/")}.py`,
  core: `${EDITED_MODULES.core.replaceAll(".", "/")}.py`,
  constant: `${EDITED_MODULES.core.replaceAll(".", "/")}.py`,
  conftest: "tests/conftest.py",
};

const TEXTS = new Map(applicationFiles().map((file) => [file.path, file.text]));

function original(path: string): string {
  const text = TEXTS.get(path);
  if (text === undefined) throw new RangeError(`The generated application has no ${path}.`);
  return text;
}

function released(kind: "leaf" | "core", revision: number, word: string): string {
  const text = original(PATHS[kind]).replace("revision = 0", `revision = ${revision}`).replace('"stable"', `"${word}"`);
  if (!text.includes(`revision = ${revision}\n`) || !text.includes(`"${word}"`))
    throw new Error(`${PATHS[kind]} has no release to edit.`);
  return text;
}

/** The core module with another limit, and with a constant of its own in each round: no two rounds execute the same. */
function limited(limit: number, revision: number): string {
  return original(PATHS.constant).replace(
    `MAX_ITEMS = ${MAX_ITEMS}`,
    `MAX_ITEMS = ${limit}\nREVISION = ${revision * 10 ** (revision % 3)}`,
  );
}

/** The conftest with another body of the fixture `client`. */
function guarded(isSkipping: boolean, round: number): string {
  const body = isSkipping
    ? `pytest.skip("round ${round} has no client")`
    : `return app.test_client(use_cookies=bool(${round}))`;
  return original(PATHS.conftest).replace("return app.test_client()", body);
}

function addedTests(round: number, count: number): string {
  return Array.from(
    { length: count },
    (_, index) => `\n\ndef test_added_${round}_${index}() -> None:\n    assert settings.MAX_ITEMS > ${round}\n`,
  ).join("");
}

function red(test: string, passed: number): Verdict {
  return { exit: 1, counts: { failed: 1, passed }, failed: [`${EDITED_TEST_FILE}::${test}`] };
}
