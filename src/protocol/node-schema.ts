import { z } from "zod";
import { type RecordMessage, recordMessages } from "./agent-messages.ts";
import type { NodeMessage, NodeOrder } from "./api.ts";

const count = z.number().int().nonnegative();
const text = z.string();

/** Checks what the leader of a node is told. */
export const nodeOrder: z.ZodType<NodeOrder> = z.discriminatedUnion("type", [
  z.object({ type: z.literal("select"), places: z.array(count).nullable() }),
  z.object({ type: z.literal("workers"), names: z.array(text), count }),
  z.object({ type: z.literal("assign"), worker: text, places: z.array(count), isLast: z.boolean() }),
  z.object({ type: z.literal("end-workers"), how: z.enum(["stop", "interrupt"]) }),
  z.object({ type: z.literal("over") }),
]);

/** Checks what the leader of a node tells. */
export const nodeMessage: z.ZodType<NodeMessage> = z.discriminatedUnion("type", [
  z.object({ type: z.literal("collected"), ids: z.array(text), isLast: z.boolean() }),
  z.object({ type: z.literal("collect-failed"), id: text, text }),
  z.object({ type: z.literal("relayed"), worker: text, text, isLast: z.boolean() }),
  z.object({ type: z.literal("workers-left") }),
  z.object({ type: z.literal("not-on-node"), reason: text }),
  ...recordMessages,
]);

const RECORD_MESSAGES: ReadonlySet<string> = new Set<RecordMessage["type"]>([
  "names",
  "ran-outside",
  "depends",
  "held",
  "released",
  "owned",
  "recorded",
]);

/** Whether a message is about what tests depend on. */
export function isRecordMessage(message: { readonly type: string }): message is RecordMessage {
  return RECORD_MESSAGES.has(message.type);
}

const NODE_MESSAGES: ReadonlySet<string> = new Set<NodeMessage["type"]>([
  "collected",
  "collect-failed",
  "relayed",
  "workers-left",
  "not-on-node",
]);

/** Whether a message of a leader is one that home wants to know. */
export function isNodeMessage(message: { readonly type: string }): message is NodeMessage {
  return NODE_MESSAGES.has(message.type) || isRecordMessage(message);
}
