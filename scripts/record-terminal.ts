// Records the README's terminal picture: types commands into a shell in tmux, waits for each prompt, renders what is there.
// Needs tmux, and examples/shop/.venv, which `npm run demo` makes. `node scripts/bootstrap.mjs scripts/record-terminal.ts`
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { renderSvg } from "./ansi-to-svg.ts";
import { capture, root, stream } from "./command.ts";

const COLUMNS = 112;
const ROWS = 60;
const PROMPT = "$";
const LOOK_EVERY_MS = 50;
const LONGEST_COMMAND_MS = 60_000;

// A person looks at a verdict before typing on.
const READING_MS = 2_000;
const COMMANDS = [
  "prewarm run -- pytest tests/web -q",
  "prewarm run -- pytest tests/web -q -k products",
  "sed -i 's/percent = discount_percent(quantity)/percent = 9/' src/shop/prices.py",
  "prewarm run -- pytest tests/web -q -x --tb=no",
  "git checkout -q src/shop/prices.py",
  "prewarm run -- pytest tests/web -q -k orders",
];

const shop = join(root, "examples/shop");
const folder = await mkdtemp(join(tmpdir(), "prewarm-picture-"));
const tmux = ["tmux", "-S", join(folder, "tmux.sock"), "-f", "/dev/null"];
const environment = {
  PATH: [folder, dirname(process.execPath), process.env.PATH].join(":"),
  HOME: process.env.HOME ?? folder,
  LANG: "C.UTF-8",
  PS1: `${PROMPT} `,
  PREWARM_STATE_DIR: join(folder, "state"),
};
try {
  if ((await stream([process.execPath, "scripts/build.ts"])) !== 0) process.exit(1);
  await symlink(join(root, "bin/prewarm.js"), join(folder, "prewarm"));
  const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const shell = ["env", "-i", ...settings, "TERM=screen-256color", "bash", "--norc", "--noprofile"];
  await command("new-session", "-d", "-x", String(COLUMNS), "-y", String(ROWS), "-c", shop, ...shell);
  await untilPrompts(1);
  for (const [index, text] of COMMANDS.entries()) {
    await command("send-keys", "-l", text);
    await command("send-keys", "Enter");
    await untilPrompts(index + 2);
    await wait(READING_MS);
  }
  const lines = (await command("capture-pane", "-p", "-e")).trimEnd().split("\n");
  const title =
    "prewarm in a terminal: a cold run, a warm run of a selection, a run after an edit, and one after undoing it";
  await writeFile(join(root, "docs/images/terminal.svg"), renderSvg(lines.slice(0, -1).join("\n"), COLUMNS, title));
} finally {
  await capture([process.execPath, join(root, "bin/prewarm.js"), "stop"], { cwd: shop, env: environment });
  await capture([...tmux, "kill-server"]);
  await capture(["git", "-C", root, "checkout", "-q", "examples/shop/src/shop/prices.py"]);
  await rm(folder, { recursive: true, force: true });
}

async function command(...words: readonly string[]): Promise<string> {
  const done = await capture([...tmux, ...words]);
  if (done.exitCode !== 0) throw new Error(`tmux ${words[0]}: ${done.stderr.trim()}`);
  return done.stdout;
}

/** Waits until the shell has shown its prompt so many times and stands at the last one. */
async function untilPrompts(count: number): Promise<void> {
  const endMs = performance.now() + LONGEST_COMMAND_MS;
  while (performance.now() < endMs) {
    const lines = (await command("capture-pane", "-p")).trimEnd().split("\n");
    const prompts = lines.filter((line) => line === PROMPT || line.startsWith(`${PROMPT} `)).length;
    if (prompts === count && lines.at(-1) === PROMPT) return;
    await wait(LOOK_EVERY_MS);
  }
  throw new Error(`Expected prompt ${count} within ${LONGEST_COMMAND_MS / 1000} s.`);
}
