// Bundles the command line and the daemon into dist/.
import { existsSync, lstatSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { type BuildOptions, build } from "esbuild";
import { root } from "./command.ts";
import { writeLibraryTypes } from "./library-types.ts";
import { bundledLicenses } from "./package/bundled-licenses.ts";

const { values } = parseArgs({ options: { sourcemap: { type: "boolean", default: false } } });
const dist = join(root, "dist");

const startedMs = performance.now();
const types = writeLibraryTypes(join(dist, "library.d.ts"));
const shared = {
  absWorkingDir: root,
  outdir: dist,
  bundle: true,
  platform: "node",
  target: "node22.13",
  external: ["@parcel/watcher"],
  minifySyntax: true,
  sourcemap: values.sourcemap,
  logLevel: "warning",
} satisfies BuildOptions;
// The page asks its own server alone: everything that it needs is in these files.
const page = {
  absWorkingDir: root,
  outdir: dist,
  bundle: true,
  platform: "browser",
  target: ["chrome111", "firefox114", "safari16.4"],
  entryPoints: [
    { in: "web/main.tsx", out: "page" },
    { in: "web/page.html", out: "page" },
  ],
  loader: { ".html": "copy" },
  tsconfig: "web/tsconfig.json",
  format: "esm",
  minify: true,
  sourcemap: values.sourcemap,
  logLevel: "warning",
  metafile: true,
} satisfies BuildOptions;
const results = await Promise.all([
  build({
    ...shared,
    metafile: true,
    entryPoints: { daemon: "src/daemon/main.ts" },
    splitting: true,
    chunkNames: "[name]-[hash]",
    format: "esm",
  }),
  // What other programs import: one file, because they bundle it themselves.
  build({ ...shared, metafile: true, entryPoints: { library: "src/cli/library.ts" }, format: "esm" }),
  ...(hasPagePackages() ? [build(page)] : []),
  // One CommonJS file a start, whose parts still run only when they are called: fifteen ES modules cost each start 5 ms more.
  build({
    ...shared,
    metafile: true,
    entryPoints: {
      cli: "src/cli/main.ts",
      others: "src/cli/others.ts",
      doors: "src/cli/doors.ts",
      mcp: "src/cli/commands/mcp.ts",
      insight: "src/cli/insight.ts",
      node: "src/cli/node-main.ts",
    },
    outExtension: { ".js": ".cjs" },
    format: "cjs",
    define: { "import.meta.dirname": "__dirname", "import.meta.filename": "__filename" },
  }),
]).catch(() => process.exit(1)); // esbuild has said why
const outputs = new Map(results.flatMap(({ metafile }) => Object.entries(metafile.outputs)));

await types;
const inputs = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
await writeFile(join(dist, "LICENSES.txt"), bundledLicenses(inputs));

// Its start reads it as what it is, without decoding.
if (/[^\0-\x7f]/.test(await readFile(join(dist, "cli.cjs"), "utf8"))) throw new Error("dist/cli.cjs is not ASCII.");

// Old chunks go last, so that there is never a moment without a command that starts.
const written = new Set(["library.d.ts", "LICENSES.txt", ...[...outputs.keys()].map((path) => basename(path))]);
const stale = (await readdir(dist)).filter((name) => !written.has(name));
await Promise.all(stale.map((name) => rm(join(dist, name), { recursive: true })));

const bytes = [...outputs.values()].reduce((sum, output) => sum + output.bytes, 0);
console.log(
  `built dist: ${written.size} files, ${Math.round(bytes / 1024)} KiB, ${Math.round(performance.now() - startedMs)} ms`,
);

/** Only a worktree that borrows the packages of an older checkout may be without them. */
function hasPagePackages(): boolean {
  const modules = join(root, "node_modules");
  if (existsSync(join(modules, "preact")) || !lstatSync(modules).isSymbolicLink()) return true;
  console.error("built without the page: node_modules is a link to a folder without preact; run npm ci where it leads");
  return false;
}
