import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { failed, ok, type Result } from "../../base/result.ts";
import { VERSION } from "../../base/version.ts";
import type { Problem } from "../../protocol/errors.ts";
import { TreeReader } from "../../sync/tree-reader.ts";
import { endLocalNodes } from "../../worker/transports/local.ts";
import type { Places } from "../places.ts";
import { type FitNode, NodePool } from "./node-pool.ts";
import type { NodesWish } from "./nodes-wish.ts";
import { SentVersions } from "./sent-versions.ts";

/** Connections that nobody has used for so long are let go; the daemons on the nodes stay as long as theirs do. */
const REST_MS = 10 * 60 * 1000;

/** Nodes that can be used now, and what is wrong with others that were asked for. */
export interface Reached {
  readonly nodes: Nodes;
  readonly pool: NodePool;
  readonly fit: readonly FitNode[];
  readonly problems: readonly Problem[];
}

/** Every connection of this daemon with nodes. */
export class Nodes {
  readonly #places: Places;
  readonly #pools = new Map<string, { readonly pool: NodePool; timer: NodeJS.Timeout }>();

  /** Reads the working tree, and knows what it has read before. */
  readonly reader: TreeReader;
  readonly sent: SentVersions;
  #lastTurn: Promise<void> = Promise.resolve();

  constructor(places: Places) {
    this.#places = places;
    this.reader = new TreeReader(places.root);
    this.sent = new SentVersions(places.root);
  }

  /** Runs on nodes take turns: resolves when the one before is over, with what ends this one. */
  async turn(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#lastTurn;
    this.#lastTurn = before.then(() => promise);
    await before;
    return resolve;
  }

  /** Reaches the nodes that a run wants, and compares them with this machine where that was not done before. */
  async reach(
    wish: NodesWish,
    python: string,
    env: Readonly<Record<string, string>>,
  ): Promise<Result<Reached, Problem>> {
    const pool = this.#poolFor(wish, python, env);
    const { fit, problems } = await pool.reach();
    const [first] = problems;
    // A node whose tests could have other outcomes is no node to do without silently.
    const refusal = problems.find(({ code }) => code === "nodes-differ") ?? (fit.length === 0 ? first : undefined);
    if (refusal === undefined) return ok({ nodes: this, pool, fit, problems });
    this.#drop(pool);
    return failed(refusal);
  }

  /** Lets all of them go. */
  end(): void {
    const hadLocal = existsSync(this.#localFolder);
    for (const { pool, timer } of this.#pools.values()) {
      clearTimeout(timer);
      pool.close();
    }
    this.#pools.clear();
    if (hadLocal) endLocalNodes(this.#localFolder);
  }

  get #localFolder(): string {
    return join(this.#places.stateFolder, "nodes");
  }

  #poolFor(wish: NodesWish, python: string, env: Readonly<Record<string, string>>): NodePool {
    const { root, agentFolder } = this.#places;
    const { on, nodeCommand, nodePython, allowsDifferences } = wish;
    const key = JSON.stringify([on, nodeCommand, nodePython, allowsDifferences, python]);
    const known = this.#pools.get(key);
    if (known?.pool.isWhole === true) {
      known.timer.refresh();
      return known.pool;
    }
    if (known !== undefined) this.#drop(known.pool);
    const settings = { folder: this.#localFolder, nodeCommand, env, python, agentFolder };
    const pool = new NodePool(wish, { root, python, agentFolder }, settings, projectName(root), VERSION);
    this.#pools.set(key, { pool, timer: setTimeout(() => this.#drop(pool), REST_MS).unref() });
    return pool;
  }

  #drop(pool: NodePool): void {
    for (const [key, each] of this.#pools) {
      if (each.pool !== pool) continue;
      clearTimeout(each.timer);
      this.#pools.delete(key);
    }
    pool.close();
  }
}

/** Names a project on its nodes: two machines, or two folders of one, never share a working tree there. */
function projectName(root: string): string {
  const base =
    root
      .split("/")
      .at(-1)
      ?.replaceAll(/[^\w-]/g, "_")
      .slice(0, 40) ?? "";
  const hash = createHash("sha256")
    .update(`${hostname()}\0${process.getuid?.() ?? 0}\0${root}`)
    .digest("hex");
  return `${base}-${hash.slice(0, 16)}`;
}
