import type { ApiAnswer, NodeOrder } from "../../protocol/api.ts";

/** Who asks for a run and is told of it: a connection, or a surface in this process. */
export interface RunHost {
  /** Aborted when it has gone: nobody wants the run any more. */
  readonly gone: AbortSignal;
  readonly interrupted: EventTarget;
  readonly send: (answer: ApiAnswer) => void;
  /** Resolves when more output can be taken. */
  readonly sendOutput: (stream: "stdout" | "stderr", chunk: Buffer) => Promise<void>;
  /** Takes the run's id when it begins. */
  /** Takes what home tells the leader of a run on this node; null where nobody can. */
  onNodeOrder?: (order: NodeOrder) => void;
  /** Takes the id of each run when it begins. */
  readonly onBegin?: ((run: string) => void) | undefined;
}
