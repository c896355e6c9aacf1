// Bundles the command line and the daemon into dist/, with a chunk for everything that is imported only when called.
import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { root } from "./command.ts";

const { values } = parseArgs({ options: { sourcemap: { type: "boolean", default: false } } });
const dist = join(root, "dist");

const startedMs = performance.now();
const result = await build({
  absWorkingDir: root,
  entryPoints: { cli: "src/cli/main.ts", daemon: "src/daemon/main.ts" },
  outdir: dist,
  bundle: true,
  splitting: true,
  chunkNames: "[name]-[hash]",
  format: "esm",
  platform: "node",
  target: "node22.13",
  external: ["@parcel/watcher"],
  minifySyntax: true,
  sourcemap: values.sourcemap,
  metafile: true,
  logLevel: "warning",
}).catch(() => process.exit(1)); // esbuild has said why

// Old chunks go last, so that there is never a moment without a command that starts.
const written = new Set(Object.keys(result.metafile.outputs).map((path) => basename(path)));
const stale = (await readdir(dist)).filter((name) => !written.has(name));
await Promise.all(stale.map((name) => rm(join(dist, name), { recursive: true })));

const bytes = Object.values(result.metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
console.log(
  `built dist: ${written.size} files, ${Math.round(bytes / 1024)} KiB, ${Math.round(performance.now() - startedMs)} ms`,
);
