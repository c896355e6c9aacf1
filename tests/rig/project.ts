import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** What decides where pytest and prewarm see the top of a project. */
const ROOT_FILES = ["pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"];

/**
 * A Python project in a real folder of its own, made of a map from path to text and removed at the end of the test.
 * It gets an empty `pytest.ini` unless it has a configuration, so that nothing above it becomes its root.
 */
export class Project implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "pw-project-")));

  constructor(files: Readonly<Record<string, string>>) {
    if (!ROOT_FILES.some((name) => name in files)) this.write("pytest.ini", "[pytest]\n");
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  /** The absolute path of something in the project. */
  at(path: string): string {
    return join(this.root, path);
  }

  /** Writes a file in place, with the folders above it; returns its absolute path. */
  write(path: string, text: string): string {
    const absolute = this.at(path);
    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, text);
    return absolute;
  }

  /** Writes a file as editors with atomic saves do: a draft beside it, then a rename. */
  replace(path: string, text: string): void {
    const draft = this.write(`${path}.draft~`, text);
    renameSync(draft, this.at(path));
  }

  rename(from: string, to: string): void {
    mkdirSync(dirname(this.at(to)), { recursive: true });
    renameSync(this.at(from), this.at(to));
  }

  /** Deletes a file, or a folder with all that is in it. */
  remove(path: string): void {
    rmSync(this.at(path), { recursive: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
