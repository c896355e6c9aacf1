import type { RunEvent } from "../../src/protocol/events.ts";
import type { Server } from "./server.ts";

/** One event of the stream; `reset` means that some were missed. */
export type FeedEvent =
  | {
      readonly kind: "event";
      readonly id: string;
      readonly run: string;
      readonly isServed: boolean;
      readonly event: RunEvent;
    }
  | { readonly kind: "reset"; readonly id: string };

/**
 * Reads server-sent events up to their end, each time all that have come, or until `onEvents` wants no more of them;
 * `onOpen` is called when the server has answered.
 */
export async function readEvents(
  server: Server,
  lastEventId: string,
  signal: AbortSignal,
  onOpen: () => void,
  onEvents: (events: readonly FeedEvent[]) => boolean,
): Promise<void> {
  const reader = (await server.events(lastEventId, signal)).getReader();
  onOpen();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const end = text.lastIndexOf("\n\n");
    if (end === -1) continue;
    const events = text.slice(0, end).split("\n\n").flatMap(parseBlock);
    text = text.slice(end + 2);
    if (events.length > 0 && !onEvents(events)) return reader.cancel();
  }
}

/** One block of the stream; empty for comments and for what is not known. */
export function parseBlock(block: string): readonly FeedEvent[] {
  let id = "";
  let name = "";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("id: ")) id = line.slice(4);
    else if (line.startsWith("event: ")) name = line.slice(7);
    else if (line.startsWith("data: ")) data = line.slice(6);
  }
  if (name === "reset") return [{ kind: "reset", id }];
  if (name !== "run-event") return [];
  const { run, isServed, event } = JSON.parse(data) as { run: string; isServed: boolean; event: RunEvent };
  return [{ kind: "event", id, run, isServed, event }];
}
