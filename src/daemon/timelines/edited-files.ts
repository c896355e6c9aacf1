import { resolve } from "node:path";
import { statSignature } from "../../watch/fingerprint.ts";
import type { Trunk } from "../../worker/trunk.ts";
import type { TrunkProcess } from "../../worker/trunk-process.ts";
import type { Recorder } from "../recorder.ts";
import type { Freshness } from "./freshness.ts";

/** Of the files that were edited in earlier lives of the daemon, the latest count. */
const MOST_REMEMBERED = 50;

/** Which files are edited, the latest last; absolute paths. */
export class EditedFiles {
  readonly #root: string;
  readonly #recorder: Recorder;
  readonly #now = new Set<string>();
  /** Which version of each file was noted: an old tip tells of the same edit again. */
  readonly #versions = new Map<string, string>();
  #before: readonly string[] | undefined;
  #latest: readonly string[] = [];

  constructor(root: string, recorder: Recorder) {
    this.#root = root;
    this.#recorder = recorder;
  }

  /** Those of this life of the daemon. */
  get now(): readonly string[] {
    return [...this.#now];
  }

  /** These, after those that are remembered. */
  get all(): readonly string[] {
    this.#before ??= this.#recorder.history
      .edits()
      .slice(-MOST_REMEMBERED)
      .map(({ path }) => path);
    return [...this.#before.filter((path) => !this.#now.has(path)), ...this.#now];
  }

  /** Those of the latest edit. */
  get latest(): readonly string[] {
    return this.#latest;
  }

  /** Notes what differs from what the tips of a trunk have loaded, or these processes, as of the last look at the disk. */
  note(freshness: Freshness, trunk: Trunk, loaded: readonly TrunkProcess[] = tipsOf(trunk)): void {
    const edits = loaded.flatMap((tip) => freshness.edits(tip)).map(({ path }) => resolve(this.#root, path));
    const fresh: string[] = [];
    for (const path of new Set(edits)) {
      const version = versionOf(path);
      this.#now.delete(path);
      this.#now.add(path);
      if (this.#versions.get(path) !== version) fresh.push(path);
      this.#versions.set(path, version);
    }
    if (fresh.length === 0) return;
    this.#latest = fresh;
    const atMs = Date.now();
    this.#recorder.later((history) => history.addEdits(fresh, atMs));
  }
}

function tipsOf(trunk: Trunk): readonly TrunkProcess[] {
  return trunk.processes.filter(({ state }) => state.kind === "tip");
}

function versionOf(path: string): string {
  const signature = statSignature(path);
  return signature === undefined ? "" : `${signature.mtimeNs} ${signature.size} ${signature.ino}`;
}
