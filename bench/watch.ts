import { join } from "node:path";
import { parseArgs } from "node:util";
import { GREEN_SUITE } from "./edits.ts";
import { basePython } from "./environment.ts";
import { measureLimits } from "./limits.ts";
import { machineFacts } from "./machine.ts";
import { measureScenario } from "./measure.ts";
import { PEERS, plainPytest, WATCHING_PEERS } from "./peers/all.ts";
import type { Peer } from "./peers/peer.ts";
import { WATCH_SCENARIOS } from "./scenarios.ts";
import { type Row, replaceSection, watchTable } from "./table.ts";

const OURS = "prewarm, watching";
const USAGE = `Usage: node bench/watch.ts [--rounds N] [--peers NAME,NAME] [--rows WORD] [--write]
  --rounds  rounds of every scenario, 7 unless told
  --peers   out of ${Object.keys(PEERS).join(", ")}; ${WATCHING_PEERS.join(",")} unless told
  --rows    only scenarios whose title has this word
  --write   put the table into bench/README.md`;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    peers: { type: "string", default: WATCHING_PEERS.join(",") },
    rows: { type: "string", default: "" },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const wanted = values.peers.split(",");

if (values.help || !Number.isInteger(rounds) || rounds < 1 || wanted.some((name) => !(name in PEERS))) {
  console.error(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  await main();
}

async function main(): Promise<void> {
  const python = await basePython();
  const peers: Peer[] = [];
  for (const name of wanted) {
    const peer = await PEERS[name]?.();
    if (peer === undefined) continue;
    // The bytecode is written before: nobody is measured compiling.
    await plainPytest(python, peer.folder).run({ args: [], afterEdit: false }, () => undefined, GREEN_SUITE);
    peers.push(peer);
  }
  try {
    const rows: Row[] = [];
    const limits = await measureLimits(Math.max(21, rounds));
    for (const scenario of WATCH_SCENARIOS.filter(({ title }) => title.includes(values.rows))) {
      console.error(scenario.title);
      rows.push({ scenario, cells: await measureScenario(scenario, peers, rounds) });
    }
    const facts = [...machineFacts(python), `${rounds} rounds, peers in turn; seconds: median (smallest to largest)`];
    const table = watchTable(
      rows,
      peers.map(({ name }) => name),
      OURS,
      limits,
    );
    const text = `${facts.map((line) => `- ${line}`).join("\n")}\n\n${table}`;
    console.log(text);
    if (values.write) replaceSection(join(import.meta.dirname, "README.md"), "watch", text);
    if (rows.some(({ cells }) => (cells.get(OURS)?.wrong.length ?? 0) > 0)) process.exitCode = 1;
  } finally {
    for (const peer of peers) await peer.stop();
  }
}
