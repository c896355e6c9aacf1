import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { syncOrder, type WireEntry } from "../protocol/sync-messages.ts";
import type { Delta } from "./manifest.ts";

/** The format of the two files. Another one is taken for none: the copy is made anew. */
const FORMAT = 1;

/** What is written of a copy: all its entries, or what an update does to them. `second`: the latest time that one of its files was given. */
export interface Saved extends Delta {
  readonly second: number;
}

/**
 * The two files beside a copy. `state.json` says which paths of the folder are the tree's; all others were made by who runs there.
 * `update.json` is there while an update is carried out, after all contents for it have arrived: it can be finished by whoever opens
 * the folder next.
 */
export class CopyState {
  readonly #folder: string;
  readonly #beforeWrite: () => void;

  constructor(folder: string, beforeWrite: () => void) {
    this.#folder = folder;
    this.#beforeWrite = beforeWrite;
  }

  read(name: "state" | "update"): Saved | undefined {
    try {
      const { format, second, entries, gone } = JSON.parse(readFileSync(this.#path(name), "utf8")) as Record<
        string,
        unknown
      >;
      const order = syncOrder.parse({ type: "sync-tree", id: NO_ID, base: null, entries, gone, isLast: true });
      if (format !== FORMAT || typeof second !== "number" || order.type !== "sync-tree") return undefined;
      return { second, entries: order.entries, gone: order.gone };
    } catch {
      return undefined;
    }
  }

  write(
    name: "state" | "update",
    saved: { second: number; entries: readonly WireEntry[]; gone: readonly string[] },
  ): void {
    const path = this.#path(name);
    this.#beforeWrite();
    writeFileSync(`${path}.new`, JSON.stringify({ format: FORMAT, ...saved }));
    this.#beforeWrite();
    renameSync(`${path}.new`, path);
  }

  remove(name: "update"): void {
    this.#beforeWrite();
    rmSync(this.#path(name), { force: true });
  }

  #path(name: string): string {
    return join(this.#folder, `${name}.json`);
  }
}

const NO_ID = "0".repeat(64);
