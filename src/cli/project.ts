import { VERSION } from "../base/version.ts";
import { API_VERSION } from "../protocol/api.ts";
import type { Problem } from "../protocol/errors.ts";
import { Connection } from "./connection.ts";
import { findProjectRoot } from "./project-root.ts";
import { checkStateFolder, type StateFolder, stateFolderOf } from "./state-folder.ts";

/** The project that a command is called in, and the beginning of a conversation with its daemon. */
export interface Project {
  readonly cwd: string;
  readonly root: string;
  readonly folder: StateFolder;
  readonly userId: number;
  /** Already connecting; undefined where no daemon can be running. */
  readonly connection: Connection | undefined;
  /** Why the state folder is refused, or undefined. */
  readonly refusal: Problem | undefined;
}

/** Finds the project and begins to connect, so that the daemon answers while the command looks further. */
export function openProject(cwd: string, env: NodeJS.ProcessEnv): Project {
  return openProjectAt(findProjectRoot(cwd), cwd, env);
}

/** The same where the root is known. */
export function openProjectAt(root: string, cwd: string, env: NodeJS.ProcessEnv): Project {
  const userId = process.getuid?.() ?? 0;
  const folder = stateFolderOf(root, env, userId);
  const checked = checkStateFolder(folder, userId);
  const found = { cwd, root, folder, userId };
  if (!checked.ok) return { ...found, connection: undefined, refusal: checked.error };
  const connection = checked.value === "there" ? greetingConnection(folder.socket) : undefined;
  return { ...found, connection, refusal: undefined };
}

/** A connection on which our hello is under way. */
export function greetingConnection(socket: string): Connection {
  const connection = new Connection(socket);
  connection.send({ type: "hello", client: true, api: API_VERSION, version: VERSION });
  return connection;
}
