import { realpathSync } from "node:fs";
import { failed, ok, type Result } from "../../base/result.ts";
import { type Problem, problem } from "../../protocol/errors.ts";
import { TreeReceiver } from "../../sync/tree-receiver.ts";
import { makePrivateFolder } from "../state-folder.ts";

/** The working tree of one project on this node. */
export interface Tree {
  /** Its root, absolute. */
  readonly root: string;
  /** What brings it up to date. */
  readonly receiver: TreeReceiver;
}

/** Makes the folders of a project, private to this user, where they are not there. */
export function openTree(folder: string): Result<Tree, Problem> {
  try {
    makePrivateFolder(folder);
    const receiver = new TreeReceiver({ folder });
    return ok({ root: realpathSync(receiver.tree), receiver });
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^(\w+): ([^,]*),.*$/, "$2") : String(error);
    const next =
      "prewarm run --node-command 'prewarm node --folder FOLDER' -- pytest      (a folder that can be written there)";
    return failed(
      problem("node-folder", `The folder ${folder} for the working tree cannot be written (${reason}).`, next),
    );
  }
}
