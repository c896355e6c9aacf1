import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { statEntry, statSignature } from "./fingerprint.ts";

// A git that was killed leaves its lock behind.
const ABANDONED_AFTER_MS = 5_000;

/**
 * Makes the question whether git is rewriting the working tree at `root` (checkout, stash, rebase): it holds the lock of
 * its index for as long. Asking takes one `stat`.
 */
export function gitLock(root: string): () => boolean {
  const folder = findGitFolder(root);
  if (folder === undefined) return () => false;
  const lock = join(folder, "index.lock");
  return () => {
    const mtimeNs = statSignature(lock)?.mtimeNs;
    return mtimeNs !== undefined && Date.now() - Number(mtimeNs / 1_000_000n) < ABANDONED_AFTER_MS;
  };
}

function findGitFolder(root: string): string | undefined {
  for (let directory = root; ; directory = dirname(directory)) {
    const git = join(directory, ".git");
    const entry = statEntry(git);
    // In a linked working tree it is a file that names the folder.
    if (entry !== undefined) return entry.isDirectory ? git : resolve(directory, readLink(git));
    if (directory === dirname(directory)) return undefined;
  }
}

function readLink(file: string): string {
  return readFileSync(file, "utf8")
    .replace(/^gitdir:\s*/, "")
    .trim();
}
