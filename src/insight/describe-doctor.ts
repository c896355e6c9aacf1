import type { Finding } from "./doctor.ts";

const MARKS: Readonly<Record<Finding["level"], string>> = { "in-the-way": "✗", soon: "?", fine: "✓" };
const TOPIC_CELLS = 12;

/** What was found, with its remedies, and a line that counts. Without `all`, what is fine is only counted. */
export function describeDoctor(
  findings: readonly Finding[],
  all: boolean,
  fixed: readonly string[],
): readonly string[] {
  const count = (level: Finding["level"]) => findings.filter((each) => each.level === level).length;
  const shown = findings.filter(({ level }) => all || level !== "fine");
  const hints = [
    ...(all ? [] : ["--all lists them"]),
    ...(findings.some(({ fix }) => fix !== undefined) ? ["--fix does what is safe"] : []),
  ];
  return [
    ...shown.flatMap(({ level, topic, text, remedy }) => [
      `${MARKS[level]} ${topic.padEnd(TOPIC_CELLS)}${text}`,
      ...(remedy === "" ? [] : [`  ${" ".repeat(TOPIC_CELLS)}→ ${remedy}`]),
    ]),
    ...fixed.map((each) => `✓ ${"mended".padEnd(TOPIC_CELLS)}${each}`),
    `${count("in-the-way")} in the way · ${count("soon")} soon · ${count("fine")} fine${hints.length === 0 ? "" : ` (${hints.join(", ")})`}`,
  ];
}
