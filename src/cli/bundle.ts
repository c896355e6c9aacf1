import { createRequire } from "node:module";
import { join } from "node:path";

/** Loads the bundle of the everyday commands beside `prewarm run`; it lies beside this one. */
export async function loadOthers(): Promise<typeof import("./others.ts")> {
  return load("others.cjs") as Promise<typeof import("./others.ts")>;
}

/** The same for doors of other programs. */
export async function loadDoors(): Promise<typeof import("./doors.ts")> {
  return load("doors.cjs") as Promise<typeof import("./doors.ts")>;
}

/** The same for what looks at runs. */
export async function loadInsight(): Promise<typeof import("./insight.ts")> {
  return load("insight.cjs") as Promise<typeof import("./insight.ts")>;
}

/** The same for agents. */
export async function loadMcp(): Promise<typeof import("./commands/mcp.ts")> {
  return load("mcp.cjs") as Promise<typeof import("./commands/mcp.ts")>;
}

/** The same for the side of a run that is on a node. */
export async function loadNode(): Promise<typeof import("./node-main.ts")> {
  return load("node.cjs") as Promise<typeof import("./node-main.ts")>;
}

// Not with `import()`: the command line runs as a script with compiled code of its own, which Node lets import nothing.
async function load(name: string): Promise<unknown> {
  return createRequire(import.meta.filename)(join(import.meta.dirname, name));
}
