import { accessSync, chmodSync, constants, existsSync, lstatSync, mkdirSync, type Stats, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { failed, ok, type Result } from "../base/result.ts";
import { type Problem, problem } from "../protocol/errors.ts";

// A Unix socket's path may have 104 bytes on macOS and 108 on Linux, its ending zero included.
const LONGEST_SOCKET_PATH = 100;
const SOCKET = "daemon.sock";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where one project's socket, lock and log lie; nothing has been created or checked yet. */
export interface StateFolder {
  readonly path: string;
  readonly base: string;
  readonly socket: string;
  readonly log: string;
  /** Whether a person has named the base: then it may be a link, and is theirs to keep private. */
  readonly isChosen: boolean;
}

/** The state folder of a project: outside of it, one for each root and user. */
export function stateFolderOf(root: string, env: Environment, userId: number): StateFolder {
  const chosen = env.PREWARM_STATE_DIR;
  const runtime = env.XDG_RUNTIME_DIR;
  const shared = join(temporaryFolder(env), `prewarm-${userId}`);
  let base = shared;
  if (chosen) base = resolve(chosen);
  else if (runtime && isAbsolute(runtime) && isWritable(runtime)) base = join(runtime, "prewarm");
  const hash = hashOf(root);
  const candidates = [join(base, `${basename(root).slice(0, 24)}-${hash}`), join(base, hash)];
  const path = candidates.find(hasShortSocket);
  if (path !== undefined) return { path, base, ...filesIn(path), isChosen: Boolean(chosen) };
  const elsewhere = join(shared, hashOf(`${base}\0${root}`));
  return { path: elsewhere, base: shared, ...filesIn(elsewhere), isChosen: false };
}

/** Whether the folder is there, belongs to this user and can be entered by nobody else. Creates nothing. */
export function checkStateFolder(folder: StateFolder, userId: number): Result<"there" | "missing", Problem> {
  for (const [path, isLinkFine] of [
    [folder.base, folder.isChosen],
    [folder.path, false],
  ] as const) {
    const stats = isLinkFine ? statSync(path, { throwIfNoEntry: false }) : lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return ok("missing");
    const objection = objectionTo(stats, userId);
    if (objection !== undefined) return failed(refusal(path, objection));
  }
  return ok("there");
}

/** Creates the folder, private to this user, and checks it. */
export function makeStateFolder(folder: StateFolder, userId: number): Result<"there", Problem> {
  try {
    makePrivateFolder(folder.path);
    const checked = checkStateFolder(folder, userId);
    if (!checked.ok) return checked;
    chmodSync(folder.path, 0o700);
    return ok("there");
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^(\w+): ([^,]*),.*$/, "$2") : String(error);
    return failed(
      problem(
        "state-unwritable",
        `The state folder ${folder.path} cannot be made (${reason}).`,
        "PREWARM_STATE_DIR=FOLDER prewarm run -- pytest",
      ),
    );
  }
}

/** Makes a folder and those above it, for this user alone. Throws where it cannot: Node's own `recursive` tries for ever below /proc. */
export function makePrivateFolder(path: string): void {
  if (existsSync(path)) return;
  makePrivateFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another command was quicker, or a dangling link is in the way: the check tells them apart.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function objectionTo(stats: Stats, userId: number): string | undefined {
  if (!stats.isDirectory()) return "is no folder";
  if (stats.uid !== userId) return `belongs to another user (uid ${stats.uid})`;
  if ((stats.mode & 0o022) !== 0) return "can be written by others";
  return undefined;
}

function refusal(path: string, objection: string): Problem {
  const sentence = `The state folder ${path} ${objection}: it is refused.`;
  return problem(
    "state-folder",
    sentence,
    "PREWARM_STATE_DIR=FOLDER prewarm run -- pytest      (a folder of your own)",
  );
}

// Some containers name a folder there that does not exist.
function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function hasShortSocket(path: string): boolean {
  return Buffer.byteLength(join(path, SOCKET)) <= LONGEST_SOCKET_PATH;
}

function filesIn(path: string): { readonly socket: string; readonly log: string } {
  return { socket: join(path, SOCKET), log: join(path, "daemon.log") };
}

// As os.tmpdir(), which costs the start of every command another module.
function temporaryFolder(env: Environment): string {
  const folder = env.TMPDIR || env.TMP || env.TEMP || "/tmp";
  return folder.length > 1 && folder.endsWith("/") ? folder.slice(0, -1) : folder;
}

// Sixty-four bits that tell roots apart; secrecy comes from the folder's mode. node:crypto costs the start 2 ms.
function hashOf(text: string): string {
  return mix(text, 0x811c9dc5) + mix(text, 0x9e3779b9);
}

function mix(text: string, seed: number): string {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  }
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, "0");
}
