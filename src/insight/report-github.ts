import type { LastFailure } from "../protocol/door.ts";
import { fileOf, readFailure } from "../report/format-failure.ts";

/** GitHub shows no more annotations of one step than this. */
const MOST = 10;
const LONGEST_TEXT = 2_000;

/** Failures as GitHub's workflow commands: an annotation at the line of each. */
export function reportGithub(failures: readonly LastFailure[]): readonly string[] {
  return failures.slice(0, MOST).map(({ id, text }) => {
    const [, file = fileOf(id), line] = /^(.*):(\d+)$/.exec(readFailure(id, text).place) ?? [];
    const where = [
      `file=${escapeProperty(file)}`,
      ...(line === undefined ? [] : [`line=${line}`]),
      `title=${escapeProperty(id)}`,
    ];
    return `::error ${where.join(",")}::${escapeData(text.slice(-LONGEST_TEXT).trim())}`;
  });
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
