import type { Problem } from "../protocol/errors.ts";
import type { RunEvent, RunRecord } from "../protocol/events.ts";
import type { Connection } from "./connection.ts";

/** Who takes what arrives during a run. `onOutput` returns false where nobody reads any more. */
export interface RunSink {
  readonly onOutput: (stream: "stdout" | "stderr", bytes: Uint8Array) => boolean;
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
  /** What the daemon is doing; empty when pytest takes over. */
  readonly onProgress?: ((text: string) => void) | undefined;
}

/** How a run ended for the command line. */
export type RunEnd =
  | {
      readonly kind: "finished";
      readonly record: RunRecord;
      readonly problem: Problem | null;
      readonly greeted: boolean;
      readonly ttlMs: number;
    }
  | { readonly kind: "failed"; readonly problem: Problem }
  | { readonly kind: "left"; readonly reason: string }
  | { readonly kind: "closed" }
  | { readonly kind: "reader-gone" };

/** Passes on everything that belongs to one run, until it ends. */
export async function followRun(connection: Connection, sink: RunSink): Promise<RunEnd> {
  for (;;) {
    const answer = await connection.receive();
    if (answer === undefined) continue;
    if ("kind" in answer) return answer;
    switch (answer.type) {
      case "output":
        if (!sink.onOutput(answer.stream, Buffer.from(answer.data, "base64"))) return { kind: "reader-gone" };
        break;
      case "event":
        sink.onEvent?.(answer.event);
        break;
      case "progress":
        sink.onProgress?.(answer.text);
        break;
      case "finished":
        return {
          ...{ kind: "finished", record: answer.record, problem: answer.problem },
          ...{ greeted: answer.greeted, ttlMs: answer.ttlMs },
        };
      case "failed":
        return { kind: "failed", problem: answer.problem };
      case "hello":
      case "status":
      case "why":
      case "failures":
      case "past":
      case "serving":
      case "last-run":
      case "node-message":
      case "pong":
      case "done":
        break;
      default:
        answer satisfies never;
    }
  }
}
