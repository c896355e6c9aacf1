import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Finished } from "./command.ts";

const folder = process.env.PREWARM_TEST_TOOLS ?? "";

/** What a program of others is given. */
export interface ToolPlace {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input?: Uint8Array;
}

/** Runs a program of the tools' environment to its end. */
export async function runTool(
  name: string,
  args: readonly string[],
  { cwd, env, input }: ToolPlace,
): Promise<Finished> {
  return runWithInput([join(folder, name), ...args], { cwd, env: { ...env, PATH: `${folder}:${env.PATH}` }, input });
}

/** Runs a command to its end, with bytes on its standard input. */
async function runWithInput(
  [program = "", ...args]: readonly string[],
  { cwd, env, input }: Omit<ToolPlace, "input"> & { readonly input: Uint8Array | undefined },
): Promise<Finished> {
  const child = spawn(program, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
  const { promise, resolve, reject } = Promise.withResolvers<Finished>();
  const texts = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      texts[stream] += text;
    });
  }
  child.on("error", reject);
  child.on("close", (exit, signal) => resolve({ exit, signal, ...texts }));
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  return promise;
}

/** What a command of prewarm writes, as bytes. */
export async function bytesOf(
  [program = "", ...args]: readonly string[],
  { cwd, env }: Omit<ToolPlace, "input">,
): Promise<{ readonly exit: number | null; readonly bytes: Buffer }> {
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on("error", reject);
  child.on("close", resolve);
  return { exit: await promise, bytes: Buffer.concat(parts) };
}
