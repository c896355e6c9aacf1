// Makes what people install, in packages/ or the folder that is named: the npm package and the wheel, of one version and from
// one build. `--no-build` takes dist/ as it is.
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { capture, root, stream } from "./command.ts";
import { makeWheel } from "./package/wheel.ts";

const { values, positionals } = parseArgs({
  options: { "no-build": { type: "boolean", default: false } },
  allowPositionals: true,
});
const folder = resolve(positionals[0] ?? join(root, "packages"));
if (!values["no-build"] && (await stream([process.execPath, join(root, "scripts/build.ts")])) !== 0) process.exit(1);
await mkdir(folder, { recursive: true });

interface Packed {
  readonly filename: string;
  readonly version: string;
  readonly files: readonly { readonly path: string }[];
}

const { exitCode, stdout, stderr } = await capture([
  ...["npm", "pack", "--json", "--ignore-scripts", "--pack-destination", folder],
]);
const [packed] = exitCode === 0 ? (JSON.parse(stdout) as readonly Packed[]) : [];
if (packed === undefined) {
  console.error(stderr);
  process.exit(1);
}
const paths = packed.files.map(({ path }) => path).sort();
const wheel = makeWheel(packed.version, paths);
await writeFile(join(folder, wheel.name), wheel.bytes);
console.log(`${join(folder, packed.filename)}\n${join(folder, wheel.name)}`);
