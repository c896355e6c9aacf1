import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { findChromium } from "./tests/rig/find-chromium.ts";

const environment = fileURLToPath(new URL(".venv-test/bin/python", import.meta.url));
const interpreter = process.env.PREWARM_TEST_INTERPRETER ?? (existsSync(environment) ? environment : "python3");

// Programs of others that prewarm is checked with; `npm test` installs them.
const toolsFolder = fileURLToPath(new URL(".venv-tools/bin", import.meta.url));
const tools = process.env.PREWARM_TEST_TOOLS ?? (existsSync(`${toolsFolder}/stestr`) ? toolsFolder : undefined);

// An interpreter that has ray and pytest: `npm test -- ray` installs it. A cluster of three nodes on two busy cores takes minutes to start.
const ray = process.env.PREWARM_TEST_RAY ?? "";
const ON_RAY = { testTimeout: 1_200_000, hookTimeout: 1_200_000, maxWorkers: 1 };

// Machines are slow and shared; a test waits for an event, and this is only how long one may take at the very worst.
const shared = {
  pool: "forks",
  globals: false,
  testTimeout: 300_000,
  hookTimeout: 300_000,
  env: { PREWARM_TEST_INTERPRETER: interpreter, PREWARM_TEST_TOOLS: tools ?? "", PREWARM_TEST_RAY: ray },
} as const;

export default defineConfig({
  test: {
    projects: [
      { test: { ...shared, name: "unit", include: ["tests/unit/**/*.test.ts", "tests/*.test.ts"] } },
      ...(tools === undefined
        ? []
        : [{ test: { ...shared, name: "tools", include: ["tests/tools/**/*.test.ts"], maxWorkers: 1 } }]),
      ...(ray === "" ? [] : [{ test: { ...shared, name: "ray", include: ["tests/ray/**/*.test.ts"], ...ON_RAY } }]),
      ...(findChromium() === undefined
        ? []
        : [{ test: { ...shared, name: "page", include: ["tests/page/**/*.test.ts"], maxWorkers: 1 } }]),
      {
        test: {
          ...shared,
          name: "e2e",
          globalSetup: ["tests/rig/bytecode.ts"],
          include: ["tests/e2e/**/*.test.ts"],
          maxWorkers: 2,
        },
      },
    ],
  },
});
