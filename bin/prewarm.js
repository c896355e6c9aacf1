#!/usr/bin/env node
// Runs on Node 18 too, far enough to find a newer one or to say what is wrong: plain JavaScript.
import module from "node:module";

const [major, minor] = process.versions.node.split(".").map(Number);

// No await at this level: a module that waits starts 2 ms later.
if (major > 22 || (major === 22 && minor >= 13)) start();
else void runOnNewerNode();

function start() {
  // Compiled code from the last start: a warm command is mostly this start. In a folder of the person's own,
  // because code is taken from it unseen; Node's default lies where others can write.
  const { NODE_COMPILE_CACHE, XDG_CACHE_HOME, HOME } = process.env;
  const cache = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`);
  if (NODE_COMPILE_CACHE || cache) module.enableCompileCache(NODE_COMPILE_CACHE || `${cache}/prewarm/node`);
  try {
    module.createRequire(import.meta.url)("../dist/cli.cjs");
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND" || !error.message.includes("dist/cli.cjs")) throw error;
    fail("not-built", "dist/cli.cjs is missing.", "npm ci && npm run build");
  }
}

async function runOnNewerNode() {
  // Imported here alone: the ordinary start pays for nothing that it does not use.
  const { findOwnNode } = await import("./find-node.js");
  const node = findOwnNode();
  if (node === undefined) {
    fail(
      "node-too-old",
      `Expected Node 22.13 or newer, got ${process.versions.node}.`,
      "install Node 24 and repeat the command",
    );
    return;
  }
  const { spawn } = await import("node:child_process");
  const { constants } = await import("node:os");
  const { fileURLToPath } = await import("node:url");
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  // A terminal sends ctrl-c to both processes: this one only waits. Other signals reach this one alone.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP", "SIGQUIT"]) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("error", (error) => fail("node-too-old", error.message, "npm ci"));
  child.on("exit", (code, signal) => {
    process.exit(signal === null ? code : 128 + constants.signals[signal]);
  });
}

function fail(code, sentence, next) {
  process.stderr.write(`prewarm: error[${code}] ${sentence}\n   next: ${next}\n`);
  process.exitCode = 69;
}
