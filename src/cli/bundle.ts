import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Loads another bundle that lies beside this one. */
export async function loadDoors(): Promise<typeof import("./doors.ts")> {
  return load("doors.cjs") as Promise<typeof import("./doors.ts")>;
}

async function load(name: string): Promise<unknown> {
  return import(pathToFileURL(join(import.meta.dirname, name)).href);
}
