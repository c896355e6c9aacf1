import { z } from "zod";
import { nodeMessage, nodeOrder } from "./node-schema.ts";
import { syncAnswer, syncOrder } from "./sync-messages.ts";

/** Version of what home and a node side say to each other. */
export const NODE_PROTOCOL_VERSION = 2;

/** A node side says `alive` that often while it serves a run, as long as its daemon answers. */
export const ALIVE_EVERY_MS = 1_000;

const text = z.string();
const count = z.number().int().nonnegative();

/** What an interpreter is, and what is installed for it. */
const facts = z.object({
  /** The name and version of the implementation: `cpython 3.12.4`. */
  python: text,
  /** System and processor: `linux x86_64`. */
  platform: text,
  /** Version of each installed distribution, by its normalised name. */
  packages: z.record(text, text),
});

const problem = z.object({ code: text, sentence: text, next: text });

/** From home to a node side, as frames on its standard input. The first is `hello`. */
export const homeMessage = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    protocol: count,
    version: text,
    /** Names the project among those that this node knows: letters, digits and dashes. */
    project: z.string().regex(/^[\w-]{1,100}$/),
  }),
  /** What the working tree is to be. */
  z.object({ type: z.literal("sync"), order: syncOrder }),
  /** Asks what an interpreter is; the first of these paths that there is, relative ones from the working tree. */
  z.object({ type: z.literal("facts"), pythons: z.array(text) }),
  z.object({
    type: z.literal("run"),
    run: text,
    /** The name of the node, and what all workers of the run have in common. */
    node: z.object({ name: text, testRun: text, homeRoot: text, isWatched: z.boolean() }),
    isModule: z.boolean(),
    args: z.array(text),
    pythons: z.array(text),
    /** The working directory, relative to the root of the working tree. */
    cwd: text,
    /** These variables, beside those that the node side has itself. */
    env: z.record(text, text),
    umask: count,
    workers: z.object({
      count: text,
      dist: text,
      timeoutS: z.number().positive().optional(),
      leaks: z.enum(["report", "fail", "off"]).optional(),
    }),
    measure: z.enum(["times", "profile"]).optional(),
  }),
  z.object({ type: z.literal("order"), run: text, order: nodeOrder }),
  /** Nobody wants this run any more. */
  z.object({ type: z.literal("cancel"), run: text }),
]);

/** From a node side to home, as frames on its standard output. */
export const nodeSideMessage = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("ready"),
    protocol: count,
    version: text,
    /** The absolute path of the working tree. */
    root: text,
    cores: z.object({ logical: count, physical: count }),
  }),
  /** Something is wrong with the node; it cannot be used. */
  z.object({ type: z.literal("unfit"), problem }),
  z.object({ type: z.literal("alive") }),
  /** What became of the working tree. */
  z.object({ type: z.literal("synced"), answer: syncAnswer }),
  z.object({ type: z.literal("facts"), facts: facts.nullable(), problem: problem.nullable() }),
  z.object({ type: z.literal("message"), run: text, message: nodeMessage }),
  /** Its part of a run is over: what went wrong, and the last lines of what was printed, for the sentence of that. */
  z.object({ type: z.literal("ended"), run: text, problem: problem.nullable(), lastWords: text }),
]);

export type HomeMessage = z.infer<typeof homeMessage>;
export type NodeSideMessage = z.infer<typeof nodeSideMessage>;
export type Facts = z.infer<typeof facts>;
export type NodeProblem = z.infer<typeof problem>;
