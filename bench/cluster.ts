// A hundred machines that we do not have: the real scheduler and the real lease table with made-up nodes, tests and time.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Scenario, simulate } from "./cluster/simulate.ts";
import { makeSuite, seeded } from "./cluster/suite.ts";
import { replaceSection } from "./table.ts";

const { values } = parseArgs({
  options: {
    write: { type: "boolean", default: false },
    tests: { type: "string", default: "1000000" },
    nodes: { type: "string", default: "100" },
  },
});

const USUAL = { nodes: Number(values.nodes), workersPerNode: 8, lost: 0, slow: 0, slowness: 1 } as const;
const SCENARIOS: readonly Scenario[] = [
  { ...USUAL, title: "0.2 ms to each node", latencyMs: [0.2, 0.2] },
  { ...USUAL, title: "0.2 to 50 ms", latencyMs: [0.2, 50] },
  { ...USUAL, title: "50 ms to each node", latencyMs: [50, 50] },
  { ...USUAL, title: "0.2 to 50 ms, one node in ten lost", latencyMs: [0.2, 50], lost: 0.1 },
  {
    ...USUAL,
    title: "0.2 to 50 ms, one node in twenty three times as slow",
    latencyMs: [0.2, 50],
    slow: 0.05,
    slowness: 3,
  },
  {
    ...USUAL,
    title: "0.2 to 50 ms, one in ten lost, one in twenty slow",
    latencyMs: [0.2, 50],
    lost: 0.1,
    slow: 0.05,
    slowness: 3,
  },
];

const suite = makeSuite(Number(values.tests), seeded(42));
const rows = SCENARIOS.map((scenario) => {
  const { makespanMs, boundMs, messages, sentBytes, homeMs, repeated } = simulate(suite, scenario);
  const over = (100 * (makespanMs / boundMs - 1)).toFixed(1);
  const cells = [
    scenario.title,
    (boundMs / 1000).toFixed(2),
    `${(makespanMs / 1000).toFixed(2)} (+${over} %)`,
    messages.toLocaleString("en"),
    (sentBytes / 1024 ** 2).toFixed(1),
    ((1000 * homeMs) / messages).toFixed(1),
    String(repeated),
  ];
  const row = `| ${cells.join(" | ")} |`;
  console.log(row);
  return row;
});
const memory = `Memory of the process at its peak, with all made-up nodes and durations in it: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB.`;
console.log(memory);
const head =
  "| | lower bound, s | makespan, s | messages | MiB sent | home, µs a message | tests that may have run twice |";
const text = [head, "| --- | --- | --- | --- | --- | --- | --- |", ...rows, "", memory].join("\n");
if (values.write) replaceSection(join(import.meta.dirname, "README.md"), "cluster", text);
