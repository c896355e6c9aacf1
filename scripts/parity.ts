import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { snapshotBuild } from "./parity/build-snapshot.ts";
import { cacheHome } from "./parity/environments.ts";
import { type CommonOptions, checkAll } from "./parity/matrix.ts";
import { type Options, parseOptions, usage } from "./parity/options.ts";
import { runStandIn } from "./parity/stand-ins.ts";

const repositoryRoot = dirname(import.meta.dirname);

async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes("--help")) {
    process.stdout.write(usage);
    return 0;
  }
  if (argv[0] === "stand-in") return runStandIn(argv.slice(1));
  let options: Options;
  try {
    options = parseOptions(argv);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  process.stdout.write(`parity: seed ${options.seed}\n`);
  const { comparisons, differences, unfit } = await checkAll(options, commonOptions(options));
  if (unfit > 0) process.stdout.write(`parity: ${unfit} checks broke off or prove little, see the table's remarks\n`);
  process.stdout.write(`parity: ${comparisons} comparisons, ${differences} differences, seed ${options.seed}\n`);
  return differences > 0 || unfit > 0 ? 1 : 0;
}

function commonOptions(options: Options): CommonOptions {
  // The state folder is inside it and holds a socket, whose path may have about 100 characters.
  const temporaryFolder = tmpdir();
  return {
    edits: options.edits,
    seed: options.seed,
    ...commands(options),
    cacheHome: cacheHome(),
    evidenceFolder: options.evidenceFolder ?? join(temporaryFolder, `parity-evidence-${process.pid}`),
    temporaryFolder,
    skipTo: options.skipTo,
    skipWhole: options.skipWhole,
    print: (line) => process.stdout.write(`${line}\n`),
  };
}

function commands(options: Options): Pick<CommonOptions, "warmCommand" | "stopCommand" | "statusCommand"> {
  const node = process.execPath;
  if (options.warmCommand !== undefined)
    return { warmCommand: options.warmCommand, stopCommand: [], statusCommand: [] };
  if (options.standIn !== undefined) {
    return {
      warmCommand: [node, import.meta.filename, "stand-in", options.standIn, "{outcomes}", "{python}"],
      stopCommand: [],
      statusCommand: [],
    };
  }
  const prewarm = snapshotBuild(repositoryRoot, tmpdir());
  return {
    statusCommand: [node, prewarm, "status", "--json"],
    warmCommand: [node, prewarm, "run", "--outcomes", "{outcomes}", "--python", "{python}", "--", "pytest"],
    stopCommand: [node, prewarm, "stop"],
  };
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main(process.argv.slice(2));
