#!/usr/bin/env node
// Runs on Node 18 too, far enough to find a newer one or to say what is wrong: plain JavaScript. CommonJS, because Node's loader
// of ES modules takes 2 ms before it comes to the first line, and a warm command is mostly its start.
"use strict";
const fs = require("node:fs");
const { join } = require("node:path");

const PROGRAM = join(__dirname, "../dist/cli.cjs");
/** Where compiled code begins in its file; before it stands which version of the program it was compiled from. */
const HEAD_BYTES = 64;
/** Every build has a file of its own; what nobody has compiled for so long belongs to none that is still there. */
const LONGEST_KEPT_MS = 60 * 24 * 60 * 60 * 1000;
/** From here on, exit codes are of commands that did not come to an end as they should. */
const FIRST_OWN_EXIT = 64;

const [major, minor] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 13)) start();
else void runOnNewerNode();

function start() {
  const program = readProgram();
  if (program === undefined) {
    fail("not-built", "dist/cli.cjs is missing.", "npm ci && npm run build");
    return;
  }
  const folder = codeFolder();
  const file = folder && join(folder, `cli-${process.version}-${process.arch}-${program.identity}`);
  const cachedData = file && readCode(file, program.version);
  const { Script } = require("node:vm");
  const script = new Script(`(function (require, module, exports, __filename, __dirname) {${program.source}\n})`, {
    filename: PROGRAM,
    cachedData,
  });
  const isCompiled = cachedData !== undefined && script.cachedDataRejected !== true;
  // Once a run has ended, all functions that a run needs are compiled.
  if (file && !isCompiled && process.argv[2] === "run") {
    process.once("exit", (code) => code < FIRST_OWN_EXIT && keepCode(file, program.version, script));
  }
  // The larger bundles of other commands are Node's own to keep.
  if (folder) require("node:module").enableCompileCache(folder);
  const own = { exports: {} };
  script.runInThisContext()(require, own, own.exports, PROGRAM, join(PROGRAM, ".."));
}

/** The program's text, which file that is, and what tells its versions apart; undefined where it has not been built. */
function readProgram() {
  try {
    const descriptor = fs.openSync(PROGRAM, "r");
    const { dev, ino, size, mtimeNs, ctimeNs } = fs.fstatSync(descriptor, { bigint: true });
    // The build writes nothing but ASCII, and this is the quickest way to read that.
    const source = fs.readFileSync(descriptor, "latin1");
    fs.closeSync(descriptor);
    return { source, identity: `${dev}-${ino}`, version: `${size} ${mtimeNs} ${ctimeNs}` };
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return undefined;
  }
}

// In a folder of the person's own, because code is taken from it unseen; Node's default lies where others can write.
function codeFolder() {
  const { NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE, XDG_CACHE_HOME, HOME } = process.env;
  if (NODE_DISABLE_COMPILE_CACHE) return undefined;
  const cache = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`);
  return NODE_COMPILE_CACHE || (cache && `${cache}/prewarm/node`);
}

/** The compiled code of this very version of the program, or undefined. It is there twice: V8 runs a damaged one, or dies of it. */
function readCode(file, version) {
  try {
    const bytes = fs.readFileSync(file);
    if (bytes.latin1Slice(0, HEAD_BYTES).trimEnd() !== version) return undefined;
    const middle = (bytes.length + HEAD_BYTES) / 2;
    const [code, copy] = [bytes.subarray(HEAD_BYTES, middle), bytes.subarray(middle)];
    return code.equals(copy) ? code : undefined;
  } catch {
    return undefined;
  }
}

// Not Node's own compile cache, which keeps only what is compiled before the first call: 5 ms of each start went into the rest.
function keepCode(file, version, script) {
  const own = `${file}.${process.pid}`;
  try {
    const code = script.createCachedData();
    fs.mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
    const descriptor = fs.openSync(own, "wx", 0o600);
    fs.writevSync(descriptor, [Buffer.from(version.padEnd(HEAD_BYTES), "latin1"), code, code]);
    fs.closeSync(descriptor);
    fs.renameSync(own, file);
    removeOutdated(join(file, ".."));
  } catch {
    // A full disk, or no home to write to: the next start compiles again.
    removeIfThere(own);
  }
}

// A build that is in use after all compiles its code once more.
function removeOutdated(folder) {
  for (const name of fs.readdirSync(folder)) {
    const each = join(folder, name);
    if (name.startsWith("cli-") && fs.statSync(each).mtimeMs + LONGEST_KEPT_MS < Date.now()) removeIfThere(each);
  }
}

function removeIfThere(file) {
  try {
    fs.unlinkSync(file);
  } catch {
    // It was never made.
  }
}

async function runOnNewerNode() {
  // Loaded here alone: the ordinary start pays for nothing that it does not use.
  const { findOwnNode } = await import("./find-node.mjs");
  const node = findOwnNode();
  if (node === undefined) {
    fail(
      "node-too-old",
      `Expected Node 22.13 or newer, got ${process.versions.node}.`,
      "install Node 24 and repeat the command",
    );
    return;
  }
  const { spawn } = require("node:child_process");
  const { constants } = require("node:os");
  const child = spawn(node, [__filename, ...process.argv.slice(2)], { stdio: "inherit" });
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
