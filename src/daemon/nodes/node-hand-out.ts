import { idsThatDiffer, placesOf } from "../../plan/node-differences.ts";
import type { AgentMessage, AgentOrder, RecordMessage } from "../../protocol/agent-messages.ts";
import type { NodeMessage, NodeOrder } from "../../protocol/api.ts";
import { type Problem, problem } from "../../protocol/errors.ts";
import type { RunEvent } from "../../protocol/events.ts";
import type { NodeId, RunId } from "../../protocol/ids.ts";
import { workersFor } from "../../worker/workers-for.ts";
import { workOf } from "../runs/hand-out.ts";
import { asSentence, idsDiffer, nodeLeftOut, nodeLost, testsGivenUp, testsRepeated } from "./node-words.ts";
import { TestShares } from "./test-shares.ts";

/** As with workers of this machine: so many may die for each that there is. */
const DEATHS_PER_WORKER = 4;

/** A worker on a node has this much before it: news of it and to it take up to 50 ms each, and half is left when it is told more. */
const AHEAD_MS = 300;

/** How many workers a node may have, where nobody has told yet: it decides only which tests are long ones. */
const USUAL_WORKERS = 8;

/** One node of a run. */
export interface NodeOfHandOut {
  readonly name: string;
  readonly cores: { readonly logical: number; readonly physical: number };
  readonly tell: (order: NodeOrder) => void;
}

/** What a hand-out tells others. */
export interface HandOutListener {
  readonly toLeader: (order: AgentOrder) => void;
  readonly onEvent: (event: RunEvent) => void;
  /** The run cannot be what it should: what people are told. */
  readonly onProblem: (problem: Problem) => void;
  readonly durationsOf: (ids: readonly NodeId[]) => ReadonlyMap<NodeId, number>;
}

/**
 * A node of a run. It serves from the moment when both it and home have collected; `leaving` when it has been told that nothing more comes.
 *
 *     collecting ──▶ serving ──over──▶ leaving ──workers-left──▶ left
 *         └─────────────┴── lost, from any ──▶ (forgotten)
 */
interface Member {
  readonly node: NodeOfHandOut;
  readonly ids: string[];
  /** What a file came to that it could not collect; empty where there is none. */
  failure: string;
  state: "collecting" | "collected" | "serving" | "leaving" | "left";
}

type Parallel = Extract<AgentMessage, { type: "parallel" }>;

/**
 * Shares the tests of one run among the workers of several nodes. The leader at home reports; whatever it has counted (`worked`) has its
 * outcome, and everything else that was with a lost node is handed out again.
 */
export class NodeHandOut {
  readonly #run: RunId;
  readonly #listener: HandOutListener;
  readonly #members = new Map<string, Member>();
  readonly #ids: NodeId[] = [];
  /** Whether home runs fewer tests than its command line collects, for reasons that nodes do not know. */
  readonly #isNarrowed: boolean;
  #parallel: Parallel | undefined;
  #shares: TestShares | undefined;
  #names = 0;
  #deaths = 0;
  #expected: number;
  #isEnding = false;
  /** Why the run ends before its time. */
  #stop = "";
  #lastLoss = "no node could be used";
  #isOver = false;

  /** `expected` nodes are on their way. */
  constructor(run: RunId, expected: number, isNarrowed: boolean, listener: HandOutListener) {
    this.#run = run;
    this.#expected = expected;
    this.#isNarrowed = isNarrowed;
    this.#listener = listener;
  }

  /** What the leader at home says; its answers come through the listener. */
  onLeader(message: AgentMessage): void {
    switch (message.type) {
      case "collected":
        for (const id of message.ids) this.#ids.push(id as NodeId);
        break;
      case "parallel":
        this.#begin(message);
        break;
      case "worked":
        this.#shares?.worked(message.worker, message.done, message.busyMs);
        this.#assign();
        break;
      case "worker-lost":
        this.#workerLost(message.worker, message.place);
        break;
      case "worker-left": {
        const node = this.#shares?.nodeOf(message.worker);
        this.#shares?.leave(message.worker);
        if (node !== undefined) this.#settle(node);
        this.#endWhereNobodyIsLeft();
        this.#endWhereDone();
        break;
      }
      case "end-workers":
        this.#isEnding = true;
        for (const { node, state } of this.#members.values()) {
          if (state === "serving") node.tell({ type: "end-workers", how: message.how });
        }
        this.#endWhereDone();
        break;
      default:
        break;
    }
  }

  /** A node begins its part. */
  join(node: NodeOfHandOut): void {
    this.#members.set(node.name, { node, ids: [], failure: "", state: "collecting" });
  }

  /** One more node is on its way. */
  expect(): void {
    this.#expected += 1;
  }

  /** Whether a node has been told that nothing more comes, and ends by itself. */
  isLeaving(name: string): boolean {
    const state = this.#members.get(name)?.state;
    return state === "leaving" || state === "left";
  }

  /** A node that was expected does not come. */
  absent(name: string, how: string): void {
    this.#expected -= 1;
    this.#leftOut(name, how);
    this.#endWhereNobodyIsLeft();
  }

  /** The run cannot be what it should. */
  fail(found: Problem): void {
    this.#listener.onProblem(found);
    this.#end(found.sentence);
  }

  /** What a node says. */
  onNode(name: string, message: Exclude<NodeMessage, RecordMessage>): void {
    const member = this.#members.get(name);
    if (member === undefined) return;
    switch (message.type) {
      case "collected":
        member.ids.push(...message.ids);
        if (message.isLast) member.state = "collected";
        if (message.isLast) this.#serve(member);
        break;
      case "collect-failed":
        // Where it fails at home too, pytest says so here.
        member.failure = `${message.id} does not collect there: ${lastLine(message.text)}`;
        break;
      case "relayed":
        // When its workers have left, a node tells what came of what they shared.
        if (this.#shares?.nodeOf(message.worker) === name || member.state === "leaving")
          this.#listener.toLeader(message);
        break;
      case "workers-left":
        member.state = "left";
        this.#endWhereDone();
        break;
      case "not-on-node":
        this.#refuse("not-on-nodes", `The node ${name} cannot run these tests: ${message.reason}.`);
        break;
      default:
        message satisfies never;
    }
  }

  /** A node is not heard of any more, or its part has ended before its time. */
  lose(name: string, how: string): void {
    const member = this.#members.get(name);
    if (member === undefined || member.state === "left") return;
    this.#members.delete(name);
    this.#expected -= 1;
    if (member.state === "serving" && !this.#isOver) {
      this.#listener.onEvent(nodeLost(name, how));
    } else if (!this.#isOver) this.#leftOut(name, how);
    // The leader counts what it has, and answers with `worker-lost` for each.
    const shares = this.#shares;
    shares?.loseNode(name);
    for (const worker of shares?.workersOf(name) ?? []) {
      this.#listener.toLeader({ type: "gone", worker, how: `was lost with the node ${name}` });
    }
    this.#lastLoss = `no node is left: ${name} ${how}`;
    this.#settle(name);
    this.#endWhereNobodyIsLeft();
    this.#endWhereDone();
  }

  #begin(parallel: Parallel): void {
    this.#parallel = parallel;
    const ids = this.#ids;
    const work = workOf(parallel, ids, this.#listener.durationsOf(ids));
    this.#shares = new TestShares(this.#run, { ...work, aheadMs: AHEAD_MS, slots: USUAL_WORKERS * this.#expected });
    // The leader begins, and waits for what it is told.
    this.#listener.toLeader({ type: "workers", names: [], count: Math.max(1, this.#expected) });
    if (parallel.notOnNodes !== undefined && parallel.notOnNodes !== "")
      this.#refuse("not-on-nodes", parallel.notOnNodes);
    if (this.#stop !== "") this.#listener.toLeader({ type: "stop", reason: this.#stop });
    for (const member of this.#members.values()) this.#serve(member);
    this.#endWhereNobodyIsLeft();
    this.#endWhereDone();
  }

  /** A node that has collected gets its workers, as soon as it is known what home has collected. */
  #serve(member: Member): void {
    const [shares, parallel] = [this.#shares, this.#parallel];
    if (member.state !== "collected" || shares === undefined || parallel === undefined) return;
    const { node } = member;
    const places = placesOf(this.#ids, member.ids);
    const differing = idsThatDiffer(this.#ids, member.ids);
    if (places === undefined || (differing !== undefined && !this.#isNarrowed && parallel.isNarrowed !== true)) {
      this.#refuse("nodes-differ", idsDiffer(node.name, differing, member.failure));
      return;
    }
    member.state = "serving";
    shares.join(node.name);
    node.tell({ type: "select", places });
    if (this.#isEnding) {
      this.#endWhereDone();
      return;
    }
    const groups = new Set(parallel.scopes).size;
    const none = { expectedMs: null, availableBytes: null, most: parallel.most, groups, isWatched: false };
    this.#fork(member, workersFor(parallel.workers, { ...node.cores, ...none }));
    this.#assign();
  }

  #fork(member: Member, count: number): void {
    const names = Array.from({ length: count }, () => `gw${this.#names++}`);
    for (const name of names) {
      this.#shares?.add(name, member.node.name);
    }
    const order = { type: "workers", names, count: this.#names } as const;
    this.#listener.toLeader(order);
    member.node.tell(order);
  }

  #assign(): void {
    if (this.#isEnding) return;
    for (const { worker, node, places, isLast } of this.#shares?.handOut() ?? []) {
      this.#members.get(node)?.node.tell({ type: "assign", worker, places: [...places], isLast });
    }
  }

  /** The leader has counted what this worker told, and will take nothing more of it. `place` has failed with it. */
  #workerLost(worker: string, place: number | null): void {
    const shares = this.#shares;
    const name = shares?.nodeOf(worker);
    if (shares === undefined || name === undefined) return;
    if (shares.loseWorker(worker, place)) this.#replace(shares, this.#members.get(name));
    else this.#settle(name);
    this.#assign();
    this.#endWhereNobodyIsLeft();
    this.#endWhereDone();
  }

  /** Another worker takes the place of one that has died by itself. */
  #replace(shares: TestShares, member: Member | undefined): void {
    this.#deaths += 1;
    if (this.#deaths > DEATHS_PER_WORKER * Math.max(1, this.#names - this.#deaths)) {
      const reason = `${this.#deaths} workers were lost: no more are started`;
      this.#listener.toLeader({ type: "stop", reason });
    } else if (shares.hasUntold && !this.#isEnding && member !== undefined) this.#fork(member, 1);
  }

  /** Hands out again what a lost node had, when the leader has counted the last that came from it. */
  #settle(name: string): void {
    const shares = this.#shares;
    const lost = shares?.settle(name);
    if (shares === undefined || lost === undefined) return;
    const { repeated, givenUp } = lost;
    if (repeated.length > 0) {
      this.#listener.toLeader({ type: "repeated", places: [...repeated] });
      this.#listener.onEvent(testsRepeated(this.#idsOf(repeated)));
    }
    if (givenUp.length > 0) this.#listener.onEvent(testsGivenUp(this.#idsOf(givenUp)));
    const next = [...this.#members.values()].find(({ state }) => state === "serving");
    if (!this.#isEnding && !shares.hasOpenWorker && shares.hasUntold && next !== undefined) this.#fork(next, 1);
    this.#assign();
  }

  #idsOf(places: Iterable<number>): readonly string[] {
    return [...places].map((place) => this.#ids[place] ?? "");
  }

  /** Nothing more comes where all workers have left; the leader goes on when the nodes have torn down what they had set up. */
  #endWhereDone(): void {
    const shares = this.#shares;
    if (this.#isOver || shares === undefined) return;
    const mayGoOn = !this.#isEnding && shares.hasUntold;
    if (shares.workersOf().length > 0 || (mayGoOn && this.#expected > 0)) return;
    for (const member of this.#members.values()) {
      if (member.state !== "serving") continue;
      member.state = "leaving";
      member.node.tell({ type: "over" });
    }
    if ([...this.#members.values()].some(({ state }) => state === "leaving")) return;
    this.#isOver = true;
    const end = shares.end();
    if (!this.#isEnding && end.kind === "incomplete") {
      const [first] = end.missing;
      const id = first === undefined ? "" : this.#ids[first.place];
      const reason = `${end.missing.length} tests have no outcome, first ${id}: ${first?.reason}`;
      this.#listener.toLeader({ type: "stop", reason });
    }
    this.#listener.toLeader({ type: "over" });
  }

  #endWhereNobodyIsLeft(): void {
    const shares = this.#shares;
    if (this.#expected > 0 || this.#isOver || this.#isEnding || shares === undefined) return;
    if (shares.workersOf().length > 0) return;
    if (shares.hasUntold) {
      // Where no test was ever handed out there is no verdict at all.
      if (this.#names === 0)
        this.#listener.onProblem(problem("node-unreachable", asSentence(this.#lastLoss), "prewarm logs"));
      this.#end(this.#lastLoss);
      return;
    }
    this.#endWhereDone();
  }

  #leftOut(name: string, how: string): void {
    this.#lastLoss = `no node is left: ${name} takes no part, ${how}`;
    this.#listener.onEvent(nodeLeftOut(name, how));
  }

  #refuse(code: "nodes-differ" | "not-on-nodes", sentence: string): void {
    const next = code === "nodes-differ" ? "prewarm logs" : "prewarm run -- pytest      (on this machine)";
    this.fail(problem(code, sentence, next));
  }

  /** No more tests are handed out; the leader tells so, and ends when those that run have ended. */
  #end(reason: string): void {
    this.#isEnding = true;
    this.#stop = reason;
    if (this.#shares === undefined) return;
    this.#listener.toLeader({ type: "stop", reason });
    this.#endWhereDone();
  }
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}
