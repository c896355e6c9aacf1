import { type ChildProcess, spawn } from "node:child_process";
import type { NodeStream, StreamEnd } from "./transport.ts";

const MOST_LAST_WORDS = 4_000;

/** A stream that is the standard input and output of a process which is started here. */
export function processStream(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  ending: NodeJS.Signals = "SIGTERM",
): NodeStream {
  const [program = "", ...rest] = words;
  const child = spawn(program, rest, { cwd: "/", env, stdio: ["pipe", "pipe", "pipe"] });
  // A write to a process that has gone: its end tells.
  child.stdin.on("error", () => {});
  return {
    input: child.stdout,
    output: child.stdin,
    ended: untilEnded(child),
    close: () => {
      child.stdin.end();
      child.kill(ending);
    },
  };
}

function untilEnded(child: ChildProcess): Promise<StreamEnd> {
  const { promise, resolve } = Promise.withResolvers<StreamEnd>();
  let lastWords = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    lastWords = (lastWords + text).slice(-MOST_LAST_WORDS);
  });
  child.once("error", (error) => resolve({ how: `did not start (${error.message})`, lastWords }));
  const end = (exit: number | null, signal: NodeJS.Signals | null) => {
    const how = signal === null ? `left with exit code ${exit ?? 0}` : `was ended by ${signal}`;
    resolve({ how, lastWords: lastWords.trim() });
  };
  child.once("close", end);
  // What it has started may hold its streams open.
  child.once("exit", (exit, signal) => setTimeout(() => end(exit, signal), 1_000).unref());
  return promise;
}
