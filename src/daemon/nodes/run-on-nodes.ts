import { randomUUID } from "node:crypto";
import { relative } from "node:path";
import { argumentsForNode, environmentForNode } from "../../plan/node-arguments.ts";
import type { AgentMessage } from "../../protocol/agent-messages.ts";
import type { Launch, Measure, Requester, WorkersWish } from "../../protocol/api.ts";
import type { Problem } from "../../protocol/errors.ts";
import type { RunId } from "../../protocol/ids.ts";
import type { UpdateEnd } from "../../sync/tree-sender.ts";
import { updateAll } from "../../sync/update-all.ts";
import { type HandOutListener, NodeHandOut } from "./node-hand-out.ts";
import type { FitNode } from "./node-pool.ts";
import type { Reached } from "./nodes.ts";
import type { NodesWish } from "./nodes-wish.ts";

/** What is run, and for whom. */
export interface WorkForNodes {
  readonly root: string;
  readonly launch: Launch;
  readonly requester: Requester;
  readonly workers: WorkersWish;
  readonly isNarrowed: boolean;
  readonly measure: Measure | undefined;
}

/** The part of one run that is on nodes. */
export class RunOnNodes implements Disposable {
  /** What all of its workers have in common. */
  readonly testRun = randomUUID().replaceAll("-", "");
  /** Why it could not be what it should; null where nothing is wrong. */
  problem: Problem | null = null;
  readonly #id: RunId;
  readonly #reached: Reached;
  readonly #wish: NodesWish;
  readonly #work: WorkForNodes;
  readonly #handOut: NodeHandOut;
  readonly #begun: FitNode[] = [];
  #isOver = false;
  #release: () => void = () => {};

  constructor(
    id: RunId,
    reached: Reached,
    wish: NodesWish,
    work: WorkForNodes,
    listener: Omit<HandOutListener, "onProblem">,
  ) {
    this.#id = id;
    this.#reached = reached;
    this.#wish = wish;
    this.#work = work;
    const onProblem = (found: Problem): void => {
      this.problem ??= found;
    };
    this.#handOut = new NodeHandOut(id, reached.fit.length, work.isNarrowed, { ...listener, onProblem });
    for (const { sentence, next } of reached.problems) {
      const text = `A node takes no part. ${sentence}`;
      listener.onEvent({ type: "warning", code: "node-left-out", text, next });
    }
  }

  /** Brings every node up to date and lets it begin; those that join later follow. */
  async begin(): Promise<void> {
    const { pool, nodes, fit } = this.#reached;
    // No tree is changed in which another run is under way.
    this.#release = await nodes.turn();
    if (this.#isOver) {
      this.#release();
      return;
    }
    pool.onJoin = (node) => {
      this.#handOut.expect();
      void this.#update([node]);
    };
    await this.#update(fit);
  }

  async #update(fit: readonly FitNode[]): Promise<void> {
    const updated = await updateAll(
      this.#reached.nodes.reader,
      fit.map(({ link }) => link.sender),
    );
    if (this.#isOver) return;
    if (!updated.ok) {
      this.#handOut.fail(updated.error);
      return;
    }
    for (const [index, node] of fit.entries()) {
      const end = updated.value.ends[index];
      const fault = end === undefined ? "nobody told it" : faultIn(end);
      if (fault === undefined) this.#beginOn(node);
      else this.#handOut.absent(node.link.name, fault);
    }
  }

  /** What the leader at home says. */
  onLeader(message: AgentMessage): void {
    this.#handOut.onLeader(message);
  }

  /** The run is over, however it ended. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#reached.pool.onJoin = () => {};
    const ends = this.#begun.map(({ link }) => {
      if (this.#handOut.isLeaving(link.name)) return link.finish(this.#id);
      link.cancel(this.#id);
      return undefined;
    });
    // What a session does at its end still belongs to this tree.
    void Promise.all(ends).then(this.#release);
  }

  #beginOn(node: FitNode): void {
    const { link, self } = node;
    const { root, launch, requester, workers, measure } = this.#work;
    const { name } = link;
    this.#begun.push(node);
    this.#handOut.join({ name, cores: self.cores, tell: (order) => link.order(this.#id, order) });
    const roots = { home: root, node: self.root };
    link.run(
      {
        type: "run",
        run: this.#id,
        node: { name, testRun: this.testRun, homeRoot: root },
        isModule: launch.isModule,
        args: [...argumentsForNode(launch.args, root, self.root)],
        pythons: [...this.#reached.pool.pythons],
        cwd: relative(root, requester.cwd),
        env: environmentForNode(requester.env, this.#wish.variables, roots),
        umask: requester.umask,
        workers,
        ...(measure === "times" || measure === "profile" ? { measure } : {}),
      },
      this.#wish.patienceMs,
      {
        onMessage: (message) => this.#handOut.onNode(name, message),
        onEnded: (problem, lastWords) => {
          const last = lastWords.trim().split("\n").at(-1) ?? "";
          this.#handOut.lose(name, problem?.sentence ?? `its run ended${last === "" ? "" : `: ${last}`}`);
        },
        onLost: (how) => this.#handOut.lose(name, how),
      },
    );
  }
}

function faultIn(end: UpdateEnd): string | undefined {
  switch (end.kind) {
    case "done":
      return undefined;
    case "edited":
      return "the working tree was edited as often as it was read";
    case "refused":
      return `its working tree cannot be what it is here: ${end.reason}`;
    case "closed":
      return "it is not heard of any more";
    default:
      return end satisfies never;
  }
}
