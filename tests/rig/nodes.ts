import { chmodSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FinishedRun, Prewarm, StartedRun } from "./prewarm.ts";
import type { LiveProcess } from "./processes.ts";
import type { Puppet, PuppetMaster } from "./puppet.ts";

/** The node side of the node on which a process runs: its working directory lies in the node's folder. */
export function nodeSideOf(prewarm: Prewarm, pid: number): LiveProcess {
  const folder = /^(.*\/nodes\/\d+)\//.exec(readlinkSync(`/proc/${pid}/cwd`))?.[1];
  const found = prewarm
    .processes()
    .find(({ words }) => words.includes("--folder") && words.at(words.indexOf("--folder") + 1) === folder);
  if (folder === undefined || found === undefined) throw new Error(`Expected process ${pid} to run on a node.`);
  return found;
}

/** Lets every puppet that comes pass until the run has ended; returns the run, and their names in the order of their arrival. */
export async function letAllPass(
  master: PuppetMaster,
  { finished }: StartedRun,
): Promise<{ readonly run: FinishedRun; readonly names: readonly string[] }> {
  const names: string[] = [];
  for (;;) {
    const next: Puppet | FinishedRun = await Promise.race([master.next(), finished]);
    if (!("say" in next)) return { run: next, names };
    names.push(next.name);
    next.say("pass");
  }
}

/** A program that stands in for `ssh`: it does what a shell over there would, on this machine. Returns its path. */
export function playedSsh(folder: string, script = 'for word; do :; done\nexec sh -c "$word"\n'): string {
  const path = join(folder, "played-ssh");
  writeFileSync(path, `#!/bin/sh\n${script}`);
  chmodSync(path, 0o755);
  return path;
}

/** Ends the daemons of nodes whose trees lie in a folder: those of other machines stay when a run has gone. */
export function endDaemonsOf(prewarm: Prewarm, folder: string): void {
  for (const { pid, words } of prewarm.processes()) {
    const isDaemon = words.some((word) => word.endsWith("/daemon.js"));
    if (isDaemon && words.some((word) => word.startsWith(`${folder}/`))) process.kill(pid, "SIGTERM");
  }
}
