import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { endDaemonsOf } from "./nodes.ts";
import type { Prewarm } from "./prewarm.ts";

const ownProgram = fileURLToPath(new URL("../../bin/prewarm.js", import.meta.url));
const SCRIPT = fileURLToPath(new URL("../ray/cluster.py", import.meta.url));

/** An interpreter with ray and pytest. */
export const rayPython = process.env.PREWARM_TEST_RAY ?? "";

/** What every process of Ray gets here: all that it writes lies in the state folder, and it waits long on a busy machine. */
export function rayEnvironment(prewarm: Prewarm): Readonly<Record<string, string>> {
  const folder = prewarm.stateFolder;
  mkdirSync(join(folder, "run"), { recursive: true, mode: 0o700 });
  return {
    ...{ TMPDIR: folder, XDG_CACHE_HOME: join(folder, "cache"), XDG_RUNTIME_DIR: join(folder, "run") },
    ...{ PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1", RAY_USAGE_STATS_ENABLED: "0" },
    ...{ RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER: "0", RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO: "0" },
    ...{ RAY_raylet_start_wait_time_s: "300", RAY_worker_register_timeout_seconds: "300" },
    // A node that is gone is noticed after five looks that come to nothing.
    ...{ RAY_health_check_period_ms: "500" },
  };
}

/** The flags of a run on the cluster that runs here. */
export const ON_RAY: readonly string[] = [
  ...["--on", "ray", "--python", rayPython, "--node-patience", "100"],
  ...["--node-command", `${process.execPath} ${ownProgram} node`, "--node-env", "PUPPET_SOCKET"],
];

/** A real Ray cluster on this machine, whose nodes are as many processes of Ray. */
export class RayCluster implements AsyncDisposable {
  readonly #prewarm: Prewarm;
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(prewarm: Prewarm, process: ChildProcess, lines: Interface) {
    this.#prewarm = prewarm;
    this.#process = process;
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /** Resolves when all nodes are there; rejects with what Ray says where it does not start. */
  static async start(prewarm: Prewarm, nodes: number): Promise<RayCluster> {
    const env = prewarm.environment(rayEnvironment(prewarm));
    const child = spawn(rayPython, [SCRIPT, String(nodes)], { cwd: "/", env, stdio: ["pipe", "pipe", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4_000);
    });
    const cluster = new RayCluster(prewarm, child, createInterface({ input: child.stdout }));
    if (!(await cluster.#hears("ready"))) throw new Error(`Ray does not start here:\n${said}`);
    return cluster;
  }

  /** One node more, while others run tests. */
  async addNode(): Promise<void> {
    this.#process.stdin?.write("add\n");
    if (!(await this.#hears("added"))) throw new Error("Expected another node of Ray.");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, "close");
    await this.#prewarm.command(["stop"]).finished;
    this.#process.stdin?.end();
    await ended;
    endDaemonsOf(this.#prewarm, join(this.#prewarm.stateFolder, "cache"));
  }

  async #hears(word: string): Promise<boolean> {
    for (;;) {
      const line = await this.#lines.next();
      if (line.done === true) return false;
      if (line.value.startsWith(word)) return true;
    }
  }
}

/** The process of Ray's that keeps the node on which a process of a test runs. */
export function rayNodeOf(prewarm: Prewarm, pid: number): number {
  const folder = /^(.*\/nodes\/ray-[^/]*)\//.exec(readlinkSync(`/proc/${pid}/cwd`))?.[1];
  const nodeSide = prewarm
    .processes()
    .find(({ words }) => words.includes("--folder") && words.at(words.indexOf("--folder") + 1) === folder);
  if (folder === undefined || nodeSide === undefined)
    throw new Error(`Expected process ${pid} to run on a node of Ray.`);
  // Above the node side is its supervisor, above that what Ray starts on each node.
  return parentOf(parentOf(nodeSide.pid));
}

function parentOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
}

/** An interpreter whose Ray says that it is 2.0.0: an environment with all packages of the other one by links. Returns its path. */
export function otherRay(folder: string): string {
  const python = join(folder, "bin", "python");
  execFileSync(rayPython, ["-m", "venv", "--without-pip", folder]);
  const [from, to] = [rayPython, python].map((each) =>
    execFileSync(each, ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], { encoding: "utf8" }).trim(),
  ) as [string, string];
  link(from, to, ["ray"]);
  mkdirSync(join(to, "ray"));
  link(join(from, "ray"), join(to, "ray"), ["_version.py"]);
  writeFileSync(join(to, "ray", "_version.py"), 'version = "2.0.0"\ncommit = ""\n');
  return python;
}

function link(from: string, to: string, but: readonly string[]): void {
  for (const name of readdirSync(from)) if (!but.includes(name)) symlinkSync(join(from, name), join(to, name));
}
