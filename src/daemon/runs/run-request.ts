import type { AgentOrder, NodeOfRun } from "../../protocol/agent-messages.ts";
import type {
  Choice,
  DebugpyWish,
  Launch,
  Measure,
  NodeMessage,
  RepeatWish,
  Requester,
  WorkersWish,
} from "../../protocol/api.ts";
import type { Problem } from "../../protocol/errors.ts";
import type { EditEvent, RunEvent, RunRecord } from "../../protocol/events.ts";
import type { TimelineSettings } from "../../protocol/timeline-settings.ts";
import type { History } from "../../store/history.ts";
import type { Reached } from "../nodes/nodes.ts";
import type { NodesWish } from "../nodes/nodes-wish.ts";
import type { Narrowing } from "../watching/narrowing.ts";
import type { Hosts } from "./hosts.ts";

/** A request for tests, and whom to tell. */
export interface RunRequest {
  readonly launch: Launch;
  readonly requester: Requester;
  readonly choice: Choice;
  readonly workers: WorkersWish;
  /** What its timeline is to be like. */
  readonly settings: TimelineSettings;
  readonly debugpy?: DebugpyWish | undefined;
  readonly measure?: Measure | undefined;
  /** Where its tests run, if not here. */
  readonly onNodes?: OnNodesWish | undefined;
  /** It is the part of a run that this machine takes as a node. */
  readonly bridge?: Bridge | undefined;
  readonly repeat?: RepeatWish | undefined;
  /** Whether pytest's output is wanted, or only what no event tells. */
  readonly native: boolean;
  /** Chooses among the collected tests and learns what they depend on; null where all that was asked for runs. */
  readonly narrowing: Narrowing | null;
  /** Why nothing is to be kept; empty for a warm run. */
  readonly plain: string;
  /** Takes output; more comes when what it returns has resolved. */
  readonly onOutput: (stream: "stdout" | "stderr", chunk: Buffer) => Promise<void>;
  readonly onEvent: (event: RunEvent) => void;
  /** Resolves when the requester has left with its verdict: until then nothing shall compete with it for a core. */
  readonly answered: Promise<void>;
  /** Takes the run's id when it begins. */
  readonly onBegin?: ((run: string) => void) | undefined;
  /** What was edited since the run before, where somebody watches. */
  readonly edit: EditEvent | null;
  /** Takes what is being done before the first test, as a person reads it; empty when pytest takes over. */
  readonly onProgress: (text: string) => void;
}

/** Nodes that were reached for a run. */
export interface OnNodesWish {
  readonly reached: Reached;
  readonly wish: NodesWish;
}

/** The leader of a run on a node, and who speaks with it from elsewhere. */
export interface Bridge {
  readonly node: NodeOfRun;
  readonly tell: (message: NodeMessage) => void;
  /** Takes what tells the leader. */
  readonly onLeader: (tell: (order: AgentOrder) => void) => void;
}

/** What a run asks beside its leader: how long tests usually take, and which warm fixtures are up. */
export interface RunServices {
  readonly history: Pick<History, "durationsOf">;
  readonly hosts: Hosts;
  /** The project's root. */
  readonly root: string;
}

/** What a run came to. */
export interface Verdict {
  readonly record: RunRecord;
  readonly problem: Problem | null;
}

/** Whether a run takes the time of one run of all that its arguments select, or of what an edit affects of that. */
export function isWhole({ choice: { ids, path, name }, measure, repeat }: RunRequest): boolean {
  const isMeasuredLong = measure !== undefined && measure !== "times";
  return ids === null && path === "" && name === "" && !isMeasuredLong && repeat === undefined;
}
