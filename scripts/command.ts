import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The repository's folder, an absolute path. */
export const root: string = fileURLToPath(new URL("..", import.meta.url));

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program, its output going straight to ours. Resolves to its exit code; a death by a signal counts as 1. */
export async function stream(command: readonly string[], options: CommandOptions = {}): Promise<number> {
  const [program, ...programArguments] = command;
  if (program === undefined) throw new Error("Expected a program to run, got an empty command.");
  const child = spawn(program, programArguments, {
    cwd: options.cwd ?? root,
    env: options.env ?? process.env,
    stdio: "inherit",
  });
  return await new Promise((resolve) => {
    child.on("error", (error) => {
      console.error(`${program} cannot be started: ${error.message}`);
      resolve(127);
    });
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

export interface Captured {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** Runs a program and keeps what it prints. A program that cannot be started has exit code 127. */
export async function capture(command: readonly string[], options: CommandOptions = {}): Promise<Captured> {
  const [program, ...programArguments] = command;
  if (program === undefined) throw new Error("Expected a program to run, got an empty command.");
  const startedMs = performance.now();
  const child = spawn(program, programArguments, {
    cwd: options.cwd ?? root,
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const exitCode = await new Promise<number>((resolve) => {
    child.on("error", () => resolve(127));
    child.on("close", (code) => resolve(code ?? 1));
  });
  return { exitCode, stdout, stderr, durationMs: performance.now() - startedMs };
}
