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
  idleCheck: { percent: 0, doing: "", last: null },
  trunks: [],
};

test("no trunk yet, and sizes that the system does not tell", () => {
  const lines = describeStatus({ ...status, daemonPssBytes: null });
  expect(lines).toEqual([
    "prewarm 0.1.0 · daemon 48211 · up 1 min 53 s · leaves after 30 min idle",
    "/home/ada/shop · watching 1,204 files",
    "No trunk yet: the first run builds it.",
  ]);
});
