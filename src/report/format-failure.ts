import type { NodeId } from "../protocol/ids.ts";

/** Where a test failed and what it said, as far as pytest's report tells. */
export interface Failure {
  /** `tests/test_cart.py:31`, or the file alone. */
  readonly place: string;
  /** The first line of the error; empty where the report has none. */
  readonly message: string;
}

/** Reads place and message from pytest's report of a failure. */
export function readFailure(id: string, text: string): Failure {
  const lines = text.split("\n");
  const file = fileOf(id);
  const places = lines.flatMap((line) => PLACE.exec(line)?.slice(1, 3).join(":") ?? []);
  const place = places.findLast((each) => each.slice(0, each.lastIndexOf(":")) === file) ?? places.at(-1) ?? file;
  const error = lines.find((line) => ERROR.test(line))?.replace(ERROR, "");
  const message = (error ?? lastLine(lines)).trim();
  // pytest names the exception where the rest takes several lines: an assertion says so itself.
  return { place, message: message.replace(/^AssertionError: (?=assert )/, "") };
}

/** The test file of a node id. */
export function fileOf(id: string): string {
  return id.split("::", 1)[0] ?? id;
}

/** The test's own name: a node id without its file. */
export function nameOf(id: NodeId): string {
  const file = fileOf(id);
  return id === file ? id : id.slice(file.length + 2);
}

const PLACE = /^(\S.*?):(\d+):(?: |$)/;
const ERROR = /^E {2,}/;

// A crash and `--tb=line` have one line, and no mark before it.
function lastLine(lines: readonly string[]): string {
  const line = lines.findLast((each) => each.trim() !== "") ?? "";
  return line.replace(PLACE, "");
}
