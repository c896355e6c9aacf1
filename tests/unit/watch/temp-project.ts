import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A real folder of its own for one test, removed when the test ends. */
export class TempProject implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "prewarm-watch-")));

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  at(path: string): string {
    return join(this.root, path);
  }

  /** Writes a file in place, as `open(path, "w")` does; returns its absolute path. */
  write(path: string, text: string): string {
    const absolute = this.at(path);
    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, text);
    return absolute;
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
