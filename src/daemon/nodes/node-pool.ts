import { join, relative } from "node:path";
import { readFacts } from "../../base/read-facts.ts";
import { differencesOf, tellDifferences } from "../../plan/node-differences.ts";
import { EXIT_CODES, type Problem, type ProblemCode, problem } from "../../protocol/errors.ts";
import type { Facts, NodeProblem } from "../../protocol/node-messages.ts";
import { makeTransport } from "../../worker/transports/open-transport.ts";
import type { Transport, TransportSettings } from "../../worker/transports/transport.ts";
import { NodeLink, type NodeSelf } from "./node-link.ts";
import type { NodesWish } from "./nodes-wish.ts";

/** A node that answers, and whose interpreter is the one at home. */
export interface FitNode {
  readonly link: NodeLink;
  readonly self: NodeSelf;
}

/** Where the project is here, and with which interpreter its tests run. */
export interface HomeFacts {
  readonly root: string;
  readonly python: string;
  readonly agentFolder: string;
}

/** Nodes that were reached for one wish: they stay for later runs, so that none of them waits for a connection. */
export class NodePool {
  readonly #wish: NodesWish;
  readonly #home: HomeFacts;
  readonly #transport: Transport | undefined;
  readonly #nodes: Promise<FitNode | Problem>[] = [];
  readonly #links: NodeLink[] = [];
  readonly #settled = Promise.withResolvers<void>();
  #homeFacts: Promise<Facts> | undefined;
  /** Is told of nodes that come while a run goes on. */
  onJoin: (node: FitNode) => void = () => {};
  #isSettled = false;

  constructor(wish: NodesWish, home: HomeFacts, settings: TransportSettings, project: string, version: string) {
    this.#wish = wish;
    this.#home = home;
    this.#transport = makeTransport(wish.on, settings);
    this.#transport?.open({
      onNode: (name, stream) => {
        const link = new NodeLink(name, stream);
        link.greet(project, version);
        this.#links.push(link);
        const node = this.#look(link);
        this.#nodes.push(node);
        if (this.#isSettled) void node.then((found) => "link" in found && this.onJoin(found));
      },
      onProblem: (found) => this.#nodes.push(Promise.resolve(found)),
      onSettled: () => {
        this.#isSettled = true;
        this.#settled.resolve();
      },
    });
    if (this.#transport === undefined) {
      const sentence = `Nodes of the kind ${wish.on.kind} are not known.`;
      this.#nodes.push(Promise.resolve(problem("not-supported", sentence, "prewarm run --help")));
      this.#settled.resolve();
    }
  }

  /** Whether all that was reached is still there. */
  get isWhole(): boolean {
    return this.#links.every(({ lost }) => lost === undefined);
  }

  /** Resolves with the nodes that can be used, and with what is wrong with others. */
  async reach(): Promise<{ readonly fit: readonly FitNode[]; readonly problems: readonly Problem[] }> {
    await this.#settled.promise;
    const found = await Promise.all(this.#nodes);
    const fit = found.filter((each): each is FitNode => "link" in each);
    return { fit, problems: found.filter((each): each is Problem => !("link" in each)) };
  }

  /** Paths of the interpreter on a node, the first that there is counts. */
  get pythons(): readonly string[] {
    const { root, python } = this.#home;
    if (this.#wish.nodePython !== "") return [this.#wish.nodePython];
    // An environment in the project is at the same place in its copy, where somebody has made one there.
    const inside = relative(root, python);
    return inside.startsWith("..") ? [python] : [inside, python];
  }

  close(): void {
    this.#transport?.close();
    for (const link of this.#links) link.close();
  }

  async #look(link: NodeLink): Promise<FitNode | Problem> {
    const self = await link.ready;
    if ("code" in self) return toProblem(self);
    const facts = await link.facts(this.pythons);
    if ("code" in facts) return toProblem({ ...facts, sentence: `The node ${link.name}: ${facts.sentence}` });
    if (this.#wish.allowsDifferences) return { link, self };
    const lines = differencesOf(await this.#readHome(), facts);
    if (lines.length === 0) return { link, self };
    const sentence = `The node ${link.name} is not as this machine: ${tellDifferences(lines)}.`;
    return problem(
      "nodes-differ",
      sentence,
      "prewarm run --allow-differences -- pytest      (tests may then have other outcomes)",
    );
  }

  #readHome(): Promise<Facts> {
    const { python, agentFolder } = this.#home;
    this.#homeFacts ??= readFacts(python, join(agentFolder, "facts/prewarm_facts.py"), "/") as Promise<Facts>;
    return this.#homeFacts;
  }
}

/** A problem that a node has told, where this version knows its code. */
function toProblem({ code, sentence, next }: NodeProblem): Problem {
  const known: ProblemCode = Object.hasOwn(EXIT_CODES, code) ? (code as ProblemCode) : "node-unreachable";
  return problem(known, sentence, next);
}
