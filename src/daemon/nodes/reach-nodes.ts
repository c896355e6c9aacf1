import { relative } from "node:path";
import { failed, ok, type Result } from "../../base/result.ts";
import type { ApiRequest, WorkersWish } from "../../protocol/api.ts";
import { type Problem, problem } from "../../protocol/errors.ts";
import type { OnNodesWish } from "../runs/run-request.ts";
import type { Session } from "../session.ts";
import type { NodesWish } from "./nodes-wish.ts";

type RunOrder = Extract<ApiRequest, { type: "run" }>;

/** Reaches the nodes of a run, or says why it has none; undefined where it wants none. */
export async function reachNodes(
  session: Session,
  wish: NodesWish | null,
  request: RunOrder,
  workers: WorkersWish,
): Promise<Result<OnNodesWish | undefined, Problem>> {
  if (wish === null || request.measure === "workers" || request.measure === "functions") return ok(undefined);
  const { launch, requester } = request;
  const against = whyNot(session.places.root, request, workers);
  if (against !== undefined) {
    return failed(problem("not-on-nodes", against, "prewarm run -- pytest      (on this machine)"));
  }
  const reached = await session.nodes.reach(wish, launch.python, requester.env);
  return reached.ok ? ok({ reached: reached.value, wish }) : reached;
}

/** What can be seen to stand against nodes before anything is started. */
function whyNot(root: string, { launch, requester, debugpy }: RunOrder, { dist }: WorkersWish): string | undefined {
  const has = (option: RegExp): boolean => launch.args.some((word) => option.test(word));
  if (launch.command !== undefined) return "A program that is no pytest runs on this machine alone.";
  if (launch.program !== undefined) return "A program that starts pytest itself runs on this machine alone.";
  if (debugpy !== undefined || has(/^--(?:pdb|trace)(?:$|=)/))
    return "A debugger cannot stop in tests that run on nodes.";
  if (dist === "each" || has(/^--dist=each$/))
    return "`--dist each` would run each test on every node; it is not known here.";
  if (relative(root, requester.cwd).startsWith(".."))
    return `The working directory is not below the project's root, ${root}.`;
  return undefined;
}
