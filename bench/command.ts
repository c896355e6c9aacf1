import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createConnection, createServer } from "node:net";
import { dirname, join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { basePython, cleanEnvironment, HOME } from "./environment.ts";
import { machineFacts } from "./machine.ts";
import { makeApplication } from "./make-app.ts";
import { type Series, seriesOf } from "./statistics.ts";
import { replaceSection } from "./table.ts";

const USAGE = `Usage: node bench/command.ts [--rounds N] [--only WORD] [--write]
  From the save of a file to the first request that a development server answers with it.
  --rounds  edits of each kind, 9 unless told
  --only    only the ways with this word in their name
  --write   put the table into bench/README.md`;

const PREWARM = join(import.meta.dirname, "..", "bin", "prewarm.js");
const LIMIT = join(import.meta.dirname, "command-limit.py");
const FOLDER = join(HOME, "apps", "command");
const LONGEST_ANSWER_MS = 60_000;

/** The application behind one route, which shows the versions of the edited modules. */
const SERVER = `import flask
import heavyapp.app
from heavyapp.core import settings
from heavyapp.features import tickets_checkout

app = flask.Flask(__name__)


@app.get("/")
def versions() -> str:
    """The versions."""
    return f"{settings.VERSION} {tickets_checkout.VERSION}"
`;

const EDITED = {
  leaf: { path: "heavyapp/features/tickets_checkout.py", module: "heavyapp.features.tickets_checkout" },
  core: { path: "heavyapp/core/settings.py", module: "heavyapp.core.settings" },
} as const;
type Kind = keyof typeof EDITED;

/** How a server is kept up to date: started once and left alone, or ended and started by hand after each edit. */
interface Way {
  readonly name: string;
  readonly words: (python: string, port: number) => readonly string[];
  readonly restarts: boolean;
}

const FLASK = ["--app", "server", "run", "--port"];
const WAYS: readonly Way[] = [
  {
    name: "ended and started",
    words: (python, port) => [python, "-m", "flask", ...FLASK, String(port)],
    restarts: true,
  },
  {
    name: "flask run --reload",
    words: (python, port) => [python, "-m", "flask", ...FLASK, String(port), "--reload"],
    restarts: false,
  },
  {
    name: "prewarm",
    words: (python, port) => [
      ...[process.execPath, PREWARM, "--python", python, "--", join(dirname(python), "flask"), ...FLASK, String(port)],
    ],
    restarts: false,
  },
];

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "9" },
    only: { type: "string", default: "" },
    write: { type: "boolean" },
    help: { type: "boolean" },
  },
});
const rounds = Number(values.rounds);
if (values.help === true || !Number.isInteger(rounds) || rounds < 1) {
  console.error(USAGE);
  process.exitCode = values.help === true ? 0 : 2;
} else {
  await main();
}

async function main(): Promise<void> {
  const python = await basePython();
  const env = cleanEnvironment({ PREWARM_STATE_DIR: join(HOME, "state-command") });
  const rows: string[] = [];
  makeApplication(FOLDER);
  writeFileSync(join(FOLDER, "server.py"), SERVER);
  const versions = { core: 0, leaf: 0 };
  for (const kind of ["leaf", "core"] as const) edit(kind, versions, 0);
  const times = new Map<string, Series>();
  for (const way of WAYS.filter(({ name }) => name.includes(values.only))) {
    console.error(way.name);
    await measureWay(way, python, env, versions, times);
  }
  for (const kind of ["leaf", "core"] as const) {
    const limit = await measureLimit(kind, python, env);
    const cells = WAYS.map(({ name }) => times.get(`${name} ${kind}`)).map((series) => (series ? show(series) : "–"));
    const ours = times.get(`prewarm ${kind}`);
    const ratio = ours === undefined ? "–" : (ours.medianMs / limit.medianMs).toFixed(2);
    rows.push(`| ${kind} module edited | ${cells.join(" | ")} | ${show(limit)} | ${ratio} |`);
  }
  const head = `|  | ${WAYS.map(({ name }) => name).join(" | ")} | limit | prewarm / limit |`;
  const facts = [...machineFacts(python), `${rounds} edits of each kind; seconds: median (smallest to largest)`];
  const table = [head, head.replaceAll(/[^|]+/g, " --- "), ...rows].join("\n");
  const text = `${facts.map((line) => `- ${line}`).join("\n")}\n\n${table}`;
  console.log(text);
  if (values.write === true) replaceSection(join(import.meta.dirname, "README.md"), "command", text);
}

async function measureWay(
  way: Way,
  python: string,
  env: NodeJS.ProcessEnv,
  versions: Record<Kind, number>,
  times: Map<string, Series>,
): Promise<void> {
  const port = await freePort();
  const start = (): ChildProcess => {
    const [program = "", ...words] = way.words(python, port);
    return spawn(program, words, { cwd: FOLDER, env, stdio: "ignore", detached: true });
  };
  let server = start();
  await answered(port, versions);
  for (const kind of ["leaf", "core"] as const) {
    const durations: number[] = [];
    // The first edit of a kind is the one that tells a warm server where to keep a checkpoint.
    for (let round = 0; round <= rounds; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      const startedMs = performance.now();
      edit(kind, versions, versions[kind] + 1);
      if (way.restarts) {
        await end(server);
        server = start();
      }
      await answered(port, versions);
      if (round > 0) durations.push(performance.now() - startedMs);
    }
    times.set(`${way.name} ${kind}`, seriesOf(durations));
  }
  await end(server);
  if (way.name === "prewarm") await promisify(execFile)(process.execPath, [PREWARM, "stop"], { cwd: FOLDER, env });
}

async function measureLimit(kind: Kind, python: string, env: NodeJS.ProcessEnv): Promise<Series> {
  const port = await freePort();
  const words = [LIMIT, String(rounds), EDITED[kind].module, String(port), ...FLASK, String(port)];
  const { stdout } = await promisify(execFile)(python, words, { cwd: FOLDER, env });
  return seriesOf(stdout.trim().split("\n").map(Number));
}

/** Writes another version; none has the size of the one before it, by which Python tells them apart within a second. */
function edit(kind: Kind, versions: Record<Kind, number>, version: number): void {
  const path = join(FOLDER, EDITED[kind].path);
  const text = readFileSync(path, "utf8").replace(/\nVERSION = .*\n$/, "\n");
  versions[kind] = version;
  writeFileSync(path, `${text.trimEnd()}\n\nVERSION = ${version}${"  #".padEnd(3 + (version % 7), "-")}\n`);
}

/** Resolves when a request is answered with these versions. */
async function answered(port: number, { core, leaf }: Record<Kind, number>): Promise<void> {
  const deadlineMs = performance.now() + LONGEST_ANSWER_MS;
  while (performance.now() < deadlineMs) {
    if ((await ask(port)).endsWith(`\r\n\r\n${core} ${leaf}`)) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`No answer with the versions ${core} and ${leaf}.`);
}

async function ask(port: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = "";
  const socket = createConnection(port, "127.0.0.1", () => socket.write("GET / HTTP/1.0\r\n\r\n"));
  socket.setEncoding("latin1").on("data", (part: string) => {
    text += part;
  });
  socket.on("error", () => resolve(""));
  socket.on("close", () => resolve(text));
  return promise;
}

/** Ends a server with all that it has started. */
async function end(server: ChildProcess): Promise<void> {
  const gone = once(server, "exit");
  process.kill(-(server.pid ?? 0), "SIGTERM");
  await gone;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

function show({ medianMs, minMs, maxMs }: Series): string {
  const seconds = (ms: number): string => (ms / 1000).toPrecision(3);
  return `${seconds(medianMs)} (${seconds(minMs)} to ${seconds(maxMs)})`;
}
