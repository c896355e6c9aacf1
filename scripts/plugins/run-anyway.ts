import { spawn } from "node:child_process";

/** A command that has ended, whatever it came to. */
interface Ended {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end in a folder. */
export async function runAnyway(words: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  const [program = "", ...args] = words;
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once("error", reject);
  child.once("close", (code, signal) => resolve(signal === null ? (code ?? 1) : 128));
  return { exit: await promise, stdout, stderr };
}
