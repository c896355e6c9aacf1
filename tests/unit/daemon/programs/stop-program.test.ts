import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { endGroup } from "../../../../src/daemon/programs/stop-program.ts";

test("nothing is left of what a program has started, whether it minds being ended or not", async () => {
  const script = `
    const { spawn } = require("node:child_process");
    const deaf = 'process.on("SIGTERM", () => {}); console.log("deaf"); setInterval(() => {}, 1000)';
    const child = spawn(process.execPath, ["-e", deaf], { stdio: ["ignore", "inherit", "ignore"] });
    process.on("SIGUSR2", () => process.exit());
  `;
  const program = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"], detached: true });
  const pid = program.pid ?? 0;
  // Its child holds the pipe: the end of that is the end of both.
  const closed = once(program, "close");
  await once(program.stdout, "data");
  process.kill(pid, "SIGUSR2");
  await once(program, "exit");
  await endGroup(pid);
  expect((await closed)[0]).toBe(0);
});
