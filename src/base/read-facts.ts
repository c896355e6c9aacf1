import { execFile } from "node:child_process";

const LONGEST_MS = 60_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** What `agent/facts/prewarm_facts.py` prints of an interpreter; rejects with what went wrong where it prints nothing. */
export function readFacts(python: string, script: string, cwd: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  // Isolated: neither the folder nor variables of the project come before what is installed.
  const options = { cwd, timeout: LONGEST_MS, maxBuffer: MOST_BYTES };
  execFile(python, ["-I", script], options, (error, stdout, stderr) => {
    try {
      if (error !== null) throw new Error(stderr.trim().split("\n").at(-1) || error.message);
      resolve(JSON.parse(stdout));
    } catch (fault) {
      reject(fault instanceof Error ? fault : new Error(String(fault)));
    }
  });
  return promise;
}
