import { z } from "zod";
import { nodeOrder } from "./node-schema.ts";

const text = z.string();
const choice = z.object({ ids: z.array(text).nullable(), path: text, name: text });

const workers = z.object({
  count: text,
  dist: text,
  timeoutS: z.number().positive().optional(),
  leaks: z.enum(["report", "fail", "off"]).optional(),
});
const launch = z.object({
  python: text,
  script: text,
  isModule: z.boolean(),
  args: z.array(text),
  program: z.array(text).optional(),
  argv: z.array(text).optional(),
  command: z.enum(["script", "module", "code"]).optional(),
  flags: z.array(text).optional(),
});
const requester = z.object({
  pid: z.number().int().positive(),
  cwd: text,
  env: z.record(text, text),
  umask: z.number().int().nonnegative(),
  terminals: z.object({
    stdin: text.optional(),
    stdout: text.optional(),
    stderr: text.optional(),
    debugger: text.optional(),
  }),
});

/** Checks what a command line sends; the types are in `api.ts`, which the command line can import without zod. */
export const apiRequest = z.discriminatedUnion("type", [
  z.object({ type: z.literal("hello"), client: z.literal(true), api: z.number(), version: text }),
  z.object({
    type: z.literal("run"),
    launch,
    requester,
    watch: z.boolean(),
    all: z.boolean(),
    events: z.boolean(),
    native: z.boolean(),
    plain: text,
    choice: choice.optional(),
    affected: z.enum(["learn", "only"]).optional(),
    workers: workers.optional(),
    debugpy: z.object({ port: z.number().int().min(0).max(65_535), wait: z.boolean() }).optional(),
    measure: z.enum(["times", "profile", "functions", "workers"]).optional(),
    repeat: z.object({ count: z.number().int().positive(), untilFail: z.boolean() }).optional(),
    settings: z.record(text, text).optional(),
    node: z.object({ name: text, testRun: text, root: text, homeRoot: text, isWatched: z.boolean() }).optional(),
  }),
  z.object({ type: z.literal("node-order"), order: nodeOrder }),
  z.object({ type: z.literal("ping") }),
  z.object({ type: z.literal("again"), choice }),
  z.object({ type: z.literal("interrupt") }),
  z.object({
    type: z.literal("signal"),
    signal: z.enum(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"]),
  }),
  z.object({ type: z.literal("debug") }),
  z.object({ type: z.literal("terminal"), change: z.enum(["resized", "suspended", "resumed"]) }),
  z.object({ type: z.literal("greeted") }),
  z.object({ type: z.literal("status") }),
  z.object({ type: z.literal("why"), about: text }),
  z.object({ type: z.literal("failures") }),
  z.object({
    type: z.literal("serve-http"),
    port: z.number().int().min(0).max(65_535).nullable(),
    launch,
    requester,
    workers,
    token: z
      .string()
      .regex(/^[\w-]{32,}$/)
      .optional(),
    settings: z.record(text, text).optional(),
  }),
  z.object({ type: z.literal("past") }),
  z.object({ type: z.literal("last-run") }),
  z.object({ type: z.literal("restart") }),
  z.object({ type: z.literal("stop") }),
]);
