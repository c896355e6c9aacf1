import { join } from "node:path";
import type { NodeOrder } from "../../protocol/api.ts";
import type { Problem } from "../../protocol/errors.ts";
import { ALIVE_EVERY_MS, type HomeMessage, type NodeSideMessage } from "../../protocol/node-messages.ts";
import { reachDaemon } from "../client.ts";
import type { Connection, Ending } from "../connection.ts";
import { findLaunch } from "../launch.ts";
import { openProjectAt } from "../project.ts";
import type { Tree } from "./tree.ts";

type RunOrder = Extract<HomeMessage, { type: "run" }>;

const MOST_LAST_WORDS = 4_000;

/**
 * The part of a run that this node takes: an ordinary run of the daemon here, whose leader is told what home says and tells home what
 * its workers do.
 *
 *     starting ──connected──▶ running ──finished, failed, cancelled──▶ ended
 */
export class NodeRun {
  readonly ended: Promise<void>;
  readonly #order: RunOrder;
  readonly #send: (message: NodeSideMessage) => void;
  /** What was said before the daemon was there. */
  readonly #waiting: NodeOrder[] = [];
  #connection: Connection | undefined;
  #isCancelled = false;
  #lastWords = "";

  constructor(order: RunOrder, python: string, tree: Tree, send: (message: NodeSideMessage) => void) {
    this.#order = order;
    this.#send = send;
    const timer = setInterval(() => this.#beat(), ALIVE_EVERY_MS);
    this.ended = this.#run(python, tree)
      .catch((error: unknown): Problem => {
        return { code: "internal", sentence: `The node side failed: ${String(error)}`, next: "", exit: 70 };
      })
      .then((problem) => {
        clearInterval(timer);
        this.#send({ type: "ended", run: order.run, problem, lastWords: this.#lastWords });
      });
  }

  /** Passes on what home tells the leader. */
  order(order: NodeOrder): void {
    if (this.#connection === undefined) this.#waiting.push(order);
    else this.#connection.send({ type: "node-order", order });
  }

  /** Ends it: what runs is killed. */
  cancel(): void {
    this.#isCancelled = true;
    this.#connection?.close();
  }

  async #run(python: string, tree: Tree): Promise<Problem | null> {
    const { isModule, args, env, umask, workers, node, measure } = this.#order;
    const cwd = join(tree.root, this.#order.cwd);
    const surroundings = { ...ownEnvironment(), ...env };
    const words = isModule ? [python, "-m", "pytest", ...args] : ["pytest", ...args];
    const found = await findLaunch(words, python, { cwd, root: tree.root, env: surroundings });
    if (!found.ok) return found.error;
    const reached = await reachDaemon(openProjectAt(tree.root, cwd, process.env), undefined);
    if (!reached.ok) return reached.error;
    const { connection } = reached.value;
    if (this.#isCancelled) {
      connection.close();
      return null;
    }
    connection.send({
      type: "run",
      launch: found.value.launch,
      requester: { pid: process.pid, cwd, env: surroundings, umask, terminals: { stdin: "/dev/null" } },
      ...{ watch: false, all: false, events: false, native: false, plain: "" },
      workers,
      measure,
      node: { ...node, root: tree.root },
    });
    this.#connection = connection;
    for (const order of this.#waiting.splice(0)) connection.send({ type: "node-order", order });
    return this.#follow(connection).finally(() => connection.close());
  }

  async #follow(connection: Connection): Promise<Problem | null> {
    for (;;) {
      const answer = await connection.receive();
      if (answer === undefined) continue;
      if ("kind" in answer) {
        if (this.#isCancelled) return null;
        return {
          code: "daemon-left",
          sentence: `The daemon there left in the middle (${endingOf(answer)}).`,
          next: "",
          exit: 70,
        };
      }
      if (answer.type === "node-message") {
        this.#send({ type: "message", run: this.#order.run, message: answer.message });
      } else if (answer.type === "pong") {
        this.#send({ type: "alive" });
      } else if (answer.type === "output") {
        const text = Buffer.from(answer.data, "base64").toString("utf8");
        this.#lastWords = (this.#lastWords + text).slice(-MOST_LAST_WORDS);
      } else if (answer.type === "failed") {
        return answer.problem;
      } else if (answer.type === "finished") {
        return answer.problem;
      }
    }
  }

  /** The daemon says that it lives; before it is there, this process does. */
  #beat(): void {
    if (this.#connection === undefined) this.#send({ type: "alive" });
    else this.#connection.send({ type: "ping" });
  }
}

function endingOf(ending: Ending): string {
  return ending.kind === "left" && ending.reason !== "" ? ending.reason : "its connection ended";
}

function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
