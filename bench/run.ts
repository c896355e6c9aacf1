import { join } from "node:path";
import { parseArgs } from "node:util";
import { GREEN_SUITE } from "./edits.ts";
import { basePython } from "./environment.ts";
import { type Limits, measureLimits } from "./limits.ts";
import { machineFacts } from "./machine.ts";
import { measureScenario, wrongAfterBreaking } from "./measure.ts";
import { PEERS, plainPytest, USUAL_PEERS } from "./peers/all.ts";
import type { Peer } from "./peers/peer.ts";
import { SCENARIOS } from "./scenarios.ts";
import { limitTable, type Row, replaceSection, scenarioTable } from "./table.ts";

const USAGE = `Usage: node bench/run.ts [--rounds N] [--peers NAME,NAME] [--write]
  --rounds  rounds of every scenario, 7 unless told
  --peers   out of ${Object.keys(PEERS).join(", ")}; "all" for all of them; ${USUAL_PEERS.join(",")} unless told
  --write   put the tables into bench/README.md`;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    peers: { type: "string", default: USUAL_PEERS.join(",") },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const wanted = values.peers === "all" ? Object.keys(PEERS) : values.peers.split(",");

if (values.help || !Number.isInteger(rounds) || rounds < 1 || wanted.some((name) => !(name in PEERS))) {
  console.error(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  await main();
}

async function main(): Promise<void> {
  const notes: string[] = [];
  const peers = await preparedPeers(notes);
  try {
    say("limits");
    const limits = await measureLimits(Math.max(21, rounds));
    const rows: Row[] = [];
    for (const scenario of SCENARIOS) {
      say(scenario.title);
      rows.push({ scenario, cells: await measureScenario(scenario, peers, rounds) });
    }
    say("edits that turn the verdict red");
    for (const peer of peers) notes.push(...(await redNotes(peer)));
    await report(rows, peers, notes, limits);
    if (rows.some(({ cells }) => (cells.get("prewarm")?.wrong.length ?? 0) > 0)) process.exitCode = 1;
  } finally {
    for (const peer of peers) await peer.stop();
  }
}

/** Makes environments and applications; a full run of each writes the bytecode, so that no peer is measured compiling. */
async function preparedPeers(notes: string[]): Promise<readonly Peer[]> {
  const peers: Peer[] = [];
  for (const name of wanted) {
    say(`preparing ${name}`);
    try {
      const peer = await PEERS[name]?.();
      if (peer === undefined) continue;
      await plainPytest(await basePython(), peer.folder).run(
        { args: [], afterEdit: false },
        () => undefined,
        GREEN_SUITE,
      );
      peers.push(peer);
    } catch (error) {
      notes.push(`${name} did not take part: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return peers;
}

async function redNotes(peer: Peer): Promise<readonly string[]> {
  const wrong = await wrongAfterBreaking(peer);
  if (wrong.length === 0) return [];
  if (peer.name === "prewarm") process.exitCode = 1;
  return [
    `${peer.name}: ${wrong.length} of 8 verdicts wrong after edits that break and mend a test, the first: ${wrong[0]}`,
  ];
}

async function report(
  rows: readonly Row[],
  peers: readonly Peer[],
  notes: readonly string[],
  limits: Limits,
): Promise<void> {
  const facts = [
    ...machineFacts(await basePython()),
    `${rounds} rounds, peers in turn in every round; seconds: median (smallest to largest)`,
  ];
  const names = peers.map((peer) => peer.name);
  const parts = [bullets(facts), scenarioTable(rows, names, limits), limitTable(limits), bullets(notes)];
  const text = parts.filter((part) => part !== "").join("\n\n");
  console.log(text);
  if (values.write) replaceSection(join(import.meta.dirname, "README.md"), "speed", text);
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

function say(what: string): void {
  console.error(`[${(performance.now() / 1000).toFixed(0).padStart(4)} s] ${what}`);
}
