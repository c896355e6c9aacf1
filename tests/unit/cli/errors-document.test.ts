import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { EXIT_CODES } from "../../../src/protocol/errors.ts";

const document = readFileSync(fileURLToPath(new URL("../../../docs/errors.md", import.meta.url)), "utf8");

test("every code has its section, and its exit code stands in it", () => {
  const sections = new Map(
    document
      .split("\n### ")
      .slice(1)
      .map((section) => {
        const end = section.indexOf("\n");
        return [section.slice(0, end), section.slice(end + 1)] as const;
      }),
  );
  const wrong = Object.entries(EXIT_CODES).filter(([code, exit]) => !sections.get(code)?.startsWith(`Exit ${exit}`));
  expect(wrong).toEqual([]);
});
