// Runs a script of this folder with a Node that is new enough, after installing what is missing.
// Plain JavaScript that Node 18 runs, because any Node may be the one on the machine.
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findOwnNode, isNewEnough } from "../bin/find-node.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const [script, ...scriptArguments] = process.argv.slice(2);

if (script === undefined) stop("Expected the path of a script: node scripts/bootstrap.mjs scripts/check.ts", 64);
installWhenStale();
runScript();

function installWhenStale() {
  const lock = join(root, "package-lock.json");
  // npm writes this file last, so an interrupted install counts as stale.
  const installed = join(root, "node_modules", ".package-lock.json");
  if (changedAt(installed) < changedAt(lock)) {
    // A worktree may borrow the packages of another checkout: installing would empty that one's folder under its feet.
    if (isLink(join(root, "node_modules"))) {
      process.stderr.write(
        "bootstrap: node_modules is a link, and older than package-lock.json: npm ci where it leads\n",
      );
    } else {
      // That this Node is too old for some packages is no news: the one that they are used with comes with them.
      npm(isNewEnough(process.versions.node) ? ["ci"] : ["ci", "--loglevel=error"], process.env);
    }
  }
  if (isNewEnough(process.versions.node)) return;

  // Under an old Node npm leaves out every platform package that asks for a newer one, without a word.
  const own = findOwnNode();
  const completed = join(root, "node_modules", ".completed-by-own-node");
  if (own === undefined || changedAt(completed) >= changedAt(installed)) return;
  npm(["install", "--no-save"], { ...process.env, PATH: [dirname(own), process.env.PATH].join(delimiter) });
  writeFileSync(completed, "");
}

function changedAt(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function npm(words, env) {
  // It can take minutes without a word.
  process.stderr.write("installing node_modules with npm\n");
  const run = spawnSync("npm", [...words, "--no-progress"], { cwd: root, stdio: "inherit", env });
  if (run.error) stop(`npm cannot be started: ${run.error.message}`, 69);
  if (run.status !== 0) stop(`npm ${words.join(" ")} failed: its own message is above`, 69);
}

function runScript() {
  const node = chooseNode();
  const path = [dirname(node), join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter);
  const run = spawnSync(node, [...stripTypesFlags(node), script, ...scriptArguments], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, PATH: path },
  });
  if (run.error) stop(`${node} cannot be started: ${run.error.message}`, 69);
  process.exitCode = run.status ?? 1;
}

function chooseNode() {
  const own = findOwnNode();
  // A binary for another C library (Alpine) exists and yet does not start.
  if (own !== undefined && spawnSync(own, ["--version"]).status === 0) return own;
  if (isNewEnough(process.versions.node)) return process.execPath;
  return stop(
    `Expected Node 22.13 or newer, got ${process.versions.node}, and the project's own Node is not there for ` +
      `${process.platform}-${process.arch}. Install Node 24 and repeat the command.`,
    69,
  );
}

// Before Node 22.18 a TypeScript file needs a flag, and warns.
function stripTypesFlags(node) {
  if (node !== process.execPath) return [];
  const [major, minor] = process.versions.node.split(".").map(Number);
  const needsFlag = (major === 22 && minor < 18) || (major === 23 && minor < 6);
  return needsFlag ? ["--experimental-strip-types", "--disable-warning=ExperimentalWarning"] : [];
}

function stop(sentence, exitCode) {
  process.stderr.write(`bootstrap: ${sentence}\n`);
  process.exit(exitCode);
}
