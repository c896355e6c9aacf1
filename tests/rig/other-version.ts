import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { VERSION } from "../../src/base/version.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** This very prewarm under another version number, in a folder of its own that is removed at the end of the test. */
export class OtherVersion implements Disposable {
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), "pw-version-")));

  constructor(version: string) {
    for (const name of ["bin", "dist", "agent", "package.json"]) {
      cpSync(join(root, name), join(this.#folder, name), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(this.#folder, "node_modules"));
    const dist = join(this.#folder, "dist");
    for (const name of readdirSync(dist)) {
      const text = readFileSync(join(dist, name), "utf8");
      writeFileSync(join(dist, name), text.replaceAll(`VERSION = "${VERSION}"`, `VERSION = "${version}"`));
    }
  }

  /** The path of its command line. */
  get program(): string {
    return join(this.#folder, "bin/prewarm.js");
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
