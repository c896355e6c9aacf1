// The licenses of what is bundled: whoever passes the bundle on has to pass them on, too.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../command.ts";

/** One text with the license of every package of which a file was bundled. `inputs` are paths relative to the repository. */
export function bundledLicenses(inputs: Iterable<string>): string {
  const names = new Set(Array.from(inputs).flatMap((path) => packageOf(path) ?? []));
  const parts = [...names].sort().map((name) => {
    const folder = join(root, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    const text = file === undefined ? "" : `\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
    return `${name} ${version} (${license})\n${text}`;
  });
  return `What is bundled in this folder beside prewarm's own code.\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`;
}

interface Manifest {
  readonly version: string;
  readonly license: string;
}

function packageOf(path: string): string | undefined {
  return /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)/.exec(path)?.[1];
}
