// How long choosing the cuts takes: a made-up timeline of 5,000 modules of uneven size, 12 cuts. Prints numbers, asserts none.
import { parseArgs } from "node:util";
import { type CutItem, planCuts } from "../src/trunk/plan-cuts.ts";
import { seriesOf } from "./statistics.ts";

const { values } = parseArgs({
  options: {
    modules: { type: "string", default: "5000" },
    cuts: { type: "string", default: "12" },
    rounds: { type: "string", default: "50" },
  },
});
const random = randomFrom(1);
let passedMs = 0;
const items = Array.from({ length: Number(values.modules) }, (_, position): CutItem => {
  passedMs += 0.2 + random() ** 4 * 20;
  return { path: `${position}.py`, atMs: passedMs, weight: random() ** 8 };
});
const question = {
  items,
  startMs: 0,
  endMs: passedMs,
  most: Number(values.cuts),
  priceMs: 0,
  required: new Set([items[items.length >> 1]?.path ?? ""]),
};

const durationsMs = Array.from({ length: Number(values.rounds) }, () => {
  const beganMs = performance.now();
  planCuts(question);
  return performance.now() - beganMs;
});
const { positions, expectedMs } = planCuts(question);
console.log(`${items.length} modules, ${passedMs.toFixed(0)} ms in all; ${positions.length} cuts`);
console.log(
  `an edit executes again: ${expectedMs.toFixed(0)} ms expected, ${withoutCuts().toFixed(0)} ms without cuts`,
);
const { medianMs } = seriesOf(durationsMs);
console.log(`first plan ${durationsMs[0]?.toFixed(2)} ms, median of ${durationsMs.length} ${medianMs.toFixed(2)} ms`);

function withoutCuts(): number {
  return planCuts({ ...question, most: 0, required: new Set() }).expectedMs;
}

/** Numbers below 1 that look random, the same in each run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
