import { spawn } from "node:child_process";
import { once } from "node:events";
import { realpath, stat } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { failed, ok, type Result } from "../../base/result.ts";
import { editorCommand } from "../../config/editor-command.ts";
import type { Requester } from "../../protocol/api.ts";
import type { EditorRefusal } from "../../surfaces/http/house.ts";

const NEXT = '[tool.prewarm] editor = "code -g {file}:{line}"';

/** Opens a file at a line in the editor of whoever serves the page: no file but those below these folders, whoever asks. */
export async function openEditor(
  { path, line }: { readonly path: string; readonly line: number },
  roots: readonly string[],
  configured: string,
  { cwd, env }: Requester,
): Promise<Result<string, EditorRefusal>> {
  const file = await fileBelow(path, roots);
  if (file === undefined) return failed({ kind: "no-file", sentence: `There is no file ${path} in this project.` });
  const command = editorCommand(configured, env, { file, line });
  if (!command.ok) return failed({ kind: "no-editor", sentence: command.error, next: NEXT });
  const [program = "", ...words] = command.value;
  // An editor that stays is nobody's child: it outlives the page and the daemon.
  const editor = spawn(program, words, { cwd, env: { ...env }, stdio: "ignore", detached: true });
  try {
    await once(editor, "spawn");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return failed({
      kind: "no-editor",
      sentence: `The editor \`${program}\` cannot be started (${code}).`,
      next: NEXT,
    });
  }
  editor.unref();
  return ok(program);
}

/** The real path of a file below one of the folders, wherever links lead; undefined for everything else. */
async function fileBelow(path: string, roots: readonly string[]): Promise<string | undefined> {
  for (const root of roots) {
    try {
      const folder = await realpath(root);
      const file = await realpath(resolve(folder, path));
      if (file.startsWith(`${folder}${sep}`) && (await stat(file)).isFile()) return file;
    } catch {
      // Not there.
    }
  }
  return undefined;
}
