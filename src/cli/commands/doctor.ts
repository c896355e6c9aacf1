import { compareVersions, VERSION } from "../../base/version.ts";
import { describeDoctor } from "../../insight/describe-doctor.ts";
import { examine, type MachineFacts } from "../../insight/doctor.ts";
import { printable } from "../../surfaces/terminal/terminal.ts";
import { type Greeting, greet } from "../client.ts";
import { findLaunch } from "../launch.ts";
import { readMachine } from "../machine-facts.ts";
import type { Flags } from "../parse-arguments.ts";
import { probeImports } from "../probe.ts";
import type { Project } from "../project.ts";
import { reportProblem } from "../report-problem.ts";
import { killSilentDaemon, stopDaemon } from "../stop-daemon.ts";
import { writeText } from "../write-output.ts";

const LONGEST_ANSWER_MS = 15_000;
const IN_THE_WAY = 1;
const COULD_NOT_LOOK = 2;

/** `prewarm doctor`: what stands in the way of warm runs here. 0: nothing, 1: something, 2: nobody could look. */
export async function doctor(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  const { cwd, root } = project;
  const greeting = project.connection === undefined ? undefined : await greet(project.connection);
  const met = await meet(greeting);
  const fixed = flags.fix === true ? await fix(greeting, project) : [];
  const found = await findLaunch(words, flags.python, { cwd, root, env: process.env });
  const probed = found.ok ? await probeImports(found.value.launch, cwd, "sockets") : found;
  if (!probed.ok) {
    reportProblem(probed.error);
    return COULD_NOT_LOOK;
  }
  const machine: MachineFacts = {
    ...readMachine(root),
    ...met,
    ...(fixed.length === 0 ? {} : { daemon: { kind: "none" } }),
    system: process.platform,
    stateFolder: project.refusal?.sentence ?? "",
  };
  const findings = examine(probed.value, machine);
  if (flags.json === true) writeText(1, `${JSON.stringify({ findings, fixed })}\n`);
  else
    writeText(
      1,
      `${describeDoctor(findings, flags.all === true, fixed)
        .map(printable)
        .join("\n")}\n`,
    );
  return findings.some(({ level }) => level === "in-the-way") ? IN_THE_WAY : 0;
}

/** What the daemon is, and what it says of the last run. */
async function meet(greeting: Greeting | undefined): Promise<Pick<MachineFacts, "daemon" | "lastPlain">> {
  if (greeting === undefined || greeting.kind === "nobody") return { daemon: { kind: "none" }, lastPlain: "" };
  if (greeting.kind === "silent") return { daemon: { kind: "silent" }, lastPlain: "" };
  if (greeting.kind === "other") {
    const { version } = greeting.hello;
    return { daemon: { kind: "other", version, isNewer: compareVersions(version, VERSION) > 0 }, lastPlain: "" };
  }
  greeting.connection.send({ type: "status" });
  const answer = await greeting.connection.receive(LONGEST_ANSWER_MS);
  const isStatus = answer !== undefined && "type" in answer && answer.type === "status";
  const last = isStatus ? answer.status.lastRecord : null;
  return { daemon: { kind: isStatus ? "ours" : "silent" }, lastPlain: last?.way === "plain" ? last.reason : "" };
}

/** Ends a daemon that does not answer, or an older one. What it held is made again by the next run. */
async function fix(greeting: Greeting | undefined, { folder }: Project): Promise<readonly string[]> {
  if (greeting?.kind === "silent") {
    const pid = killSilentDaemon(folder);
    return pid === undefined ? [] : [`the daemon ${pid} that did not answer was ended`];
  }
  if (greeting?.kind !== "other" || compareVersions(greeting.hello.version, VERSION) > 0) {
    if (greeting?.kind === "ours" || greeting?.kind === "other") greeting.connection.close();
    return [];
  }
  await stopDaemon(greeting.connection);
  return [`the daemon ${greeting.hello.pid} of prewarm ${greeting.hello.version} was ended`];
}
