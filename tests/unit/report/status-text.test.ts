import { expect, test } from "vitest";
import type { DaemonStatus } from "../../../src/protocol/api.ts";
import { describeStatus } from "../../../src/report/status-text.ts";

const MEBIBYTE = 1024 * 1024;

const status: DaemonStatus = {
  version: "0.1.0",
  pid: 48211,
  root: "/home/ada/shop",
  upMs: 113_000,
  ttlMs: 1_800_000,
  watchedFiles: 1204,
  daemonPssBytes: 61 * MEBIBYTE,
  lastRecord: null,
  trunks: [
    {
      command: "pytest tests",
      python: "3.12.4",
      pytest: "9.0.3",
      tests: 600,
      modules: 409,
      obstacle: null,
      checkpoints: [
        {
          id: "t1",
          pid: 48212,
          before: "/home/ada/shop/tests/conftest.py",
          isTip: false,
          ageMs: 113_000,
          rebuildMs: 120,
          pssBytes: 34 * MEBIBYTE,
        },
        { id: "t2", pid: 48213, before: "", isTip: true, ageMs: 3000, rebuildMs: null, pssBytes: 58 * MEBIBYTE },
      ],
    },
  ],
};

test("what the daemon holds", () => {
  expect(describeStatus(status).join("\n")).toMatchInlineSnapshot(`
    "prewarm 0.1.0 · daemon 48211 · up 1 min 53 s · leaves after 30 min idle · 61 MiB
    /home/ada/shop · watching 1,204 files
    trunk 1 · pytest tests · 600 tests · 1 checkpoint and the tip · 92 MiB
       Python 3.12.4, pytest 9.0.3 · 409 modules
     #  parked before                                             to rebuild        age      memory
     0  tests/conftest.py                                             0.12 s      2 min      34 MiB
     ◉  the tip                                                                     3 s      58 MiB"
  `);
});

test("no trunk yet, and sizes that the system does not tell", () => {
  const lines = describeStatus({ ...status, daemonPssBytes: null, trunks: [] });
  expect(lines).toEqual([
    "prewarm 0.1.0 · daemon 48211 · up 1 min 53 s · leaves after 30 min idle",
    "/home/ada/shop · watching 1,204 files",
    "No trunk yet: the first run builds it.",
  ]);
});
