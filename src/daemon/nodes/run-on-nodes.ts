import { randomUUID } from "node:crypto";
import { relative } from "node:path";
import { argumentsForNode, environmentForNode } from "../../plan/node-arguments.ts";
import type { AgentMessage } from "../../protocol/agent-messages.ts";
import type { Launch, Measure, Requester, WorkersWish } from "../../protocol/api.ts";
import type { Problem } from "../../protocol/errors.ts";
import type { RunId } from "../../protocol/ids.ts";
import { isRecordMessage } from "../../protocol/node-schema.ts";
import type { Tree } from "../../sync/tree-reader.ts";
import type { UpdateEnd } from "../../sync/tree-sender.ts";
import { updateAll } from "../../sync/update-all.ts";
import type { Narrowing } from "../watching/narrowing.ts";
import { type HandOutListener, NodeHandOut } from "./node-hand-out.ts";
import { NodeNotes } from "./node-notes.ts";
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
  /** Learns what the tests depend on; null where nobody wants to know. */
  readonly narrowing: Narrowing | null;
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
  /** What all of its nodes have. */
  #tree: Tree | undefined;
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
    const { tree } = updated.value;
    this.#tree ??= tree;
    for (const [index, node] of fit.entries()) {
      const end = updated.value.ends[index];
      // What joins later must not run other files than the rest.
      const isOther = tree.id !== this.#tree.id;
      const fault =
        end === undefined ? "nobody told it" : isOther ? "files were edited since the run began" : faultIn(end);
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
    const [tree, { narrowing }] = [this.#tree, this.#work];
    if (narrowing !== null && tree !== undefined) {
      const { reader, sent } = this.#reached.nodes;
      const isSure = reader.hasSettled(tree);
      if (isSure) sent.learn(tree);
      narrowing.ranInCopy((path, version) => isSure && sent.isSame(tree, path, version));
    }
    this.#reached.pool.onJoin = () => {};
    const ends = this.#begun.map(({ link }) => {
      if (this.#handOut.isLeaving(link.name)) return link.finish(this.#id);
      link.cancel(this.#id);
      return undefined;
    });
    // What a session does at its end still belongs to this tree.
    void Promise.all(ends).then(this.#release);
  }

  /** By an absolute path here. */
  #sentVersion(path: string): string | undefined {
    return this.#tree && this.#reached.nodes.sent.of(this.#tree, path);
  }

  #beginOn(node: FitNode): void {
    const { link, self } = node;
    const { root, launch, requester, workers, narrowing, measure } = this.#work;
    const { name } = link;
    this.#begun.push(node);
    this.#handOut.join({ name, cores: self.cores, tell: (order) => link.order(this.#id, order) });
    const roots = { home: root, node: self.root };
    const notes = new NodeNotes(name, self.root, root, (path) => this.#sentVersion(path));
    link.run(
      {
        type: "run",
        run: this.#id,
        node: { name, testRun: this.testRun, homeRoot: root, isWatched: narrowing !== null },
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
        onMessage: (message) => {
          if (isRecordMessage(message)) narrowing?.onMessage(notes.translate(message));
          else this.#handOut.onNode(name, message);
        },
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
