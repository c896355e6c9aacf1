import type { Flags } from "./parse-arguments.ts";

/** How a flag is written that a person can have given. */
const WRITTEN = {
  ...{ format: "--format", json: "--json", outcomes: "--outcomes", noDaemon: "--no-daemon", loadList: "--load-list" },
  ...{ debugpy: "--debugpy", detailed: "--detailed", printWorkers: "--print-workers", shard: "--shard" },
  ...{ repeat: "--repeat", untilFail: "--until-fail" },
} as const satisfies Partial<Record<keyof Flags, string>>;

type Name = keyof typeof WRITTEN;

/** What makes another run of it than the flags behind it would have; the first clash is told. */
const CLASHES: readonly (readonly [name: Name, others: readonly Name[]])[] = [
  ["format", ["json", "outcomes", "noDaemon", "detailed"]],
  [
    "printWorkers",
    ["repeat", "untilFail", "detailed", "json", "outcomes", "noDaemon", "format", "loadList", "debugpy", "shard"],
  ],
  ["repeat", ["detailed", "json", "outcomes", "noDaemon", "format", "loadList", "debugpy", "shard"]],
  ["untilFail", ["detailed", "json", "outcomes", "noDaemon", "format", "loadList", "debugpy", "shard"]],
  ["detailed", ["noDaemon"]],
];

/** Two flags that do not go together, or undefined. */
export function findClash(flags: Flags): readonly [string, string] | undefined {
  for (const [name, others] of CLASHES) {
    const other = flags[name] === undefined ? undefined : others.find((each) => flags[each] !== undefined);
    if (other !== undefined) return [WRITTEN[name], WRITTEN[other]];
  }
  return undefined;
}
