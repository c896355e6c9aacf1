import { readFile, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import type { HttpAnswer } from "../../protocol/http-schema.ts";
import { findTestSource } from "../../report/find-test-source.ts";
import { fileOf } from "../../report/format-failure.ts";
import type { House } from "./house.ts";

const MOST_PAST = 100;
const LONGEST_SOURCE_BYTES = 4 * 1024 * 1024;

/** What a person who looks at one test wants to see of it. */
export async function tellTest(house: House, id: string): Promise<HttpAnswer<"Test">> {
  const failures = await house.failures();
  const failed = failures.find((each) => each.id === id) ?? failures.find((each) => each.id === fileOf(id));
  const failure = failed === undefined ? null : { run: failed.run, atMs: failed.atMs, text: failed.text };
  return { id, failure, source: await readSource(house, id), past: [...house.pastOf(id, MOST_PAST)] };
}

/** Only what lies below the tests' root is told, whatever an id says. */
async function readSource(house: House, id: string) {
  const path = fileOf(id);
  try {
    const root = await realpath(house.testRoot());
    const file = await realpath(join(root, path));
    if (!file.startsWith(`${root}${sep}`)) return null;
    const bytes = await readFile(file);
    if (bytes.length > LONGEST_SOURCE_BYTES) return null;
    const part = findTestSource(id, bytes.toString("utf8"));
    return part === undefined ? null : { path, line: part.line, lines: [...part.lines] };
  } catch {
    // It is gone, or may not be read.
    return null;
  }
}
