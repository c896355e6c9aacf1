import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";

/** How a file's new content reaches the disk, as editors and tools differ in it. */
export type WriteStyle = "in-place" | "atomic" | "recreate";

/** One step on the disk; paths are relative to the project. */
export type FileChange =
  | {
      readonly kind: "write";
      readonly path: string;
      readonly content: Buffer;
      readonly style: WriteStyle;
      /** Set after writing, in seconds; absent for the time of the write. */
      readonly mtimeSeconds?: number;
    }
  | { readonly kind: "delete"; readonly path: string }
  | { readonly kind: "rename"; readonly path: string; readonly to: string };

const leftovers = new Set(["__pycache__", ".pytest_cache", ".hypothesis", ".mypy_cache"]);

/** The copy of a project that is edited and tested. */
export class ProjectTree {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** All files, sorted, relative, with forward slashes; hidden folders and caches left out. */
  files(): readonly string[] {
    const found: string[] = [];
    const visit = (folder: string): void => {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (leftovers.has(entry.name) || entry.name.startsWith(".")) continue;
        const path = join(folder, entry.name);
        if (entry.isDirectory()) visit(path);
        else if (entry.isFile()) found.push(relative(this.root, path));
      }
    };
    visit(this.root);
    return found.sort();
  }

  exists(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), "utf8");
  }

  readBytes(path: string): Buffer {
    return readFileSync(join(this.root, path));
  }

  mtimeSeconds(path: string): number {
    return statSync(join(this.root, path)).mtimeMs / 1000;
  }

  /** Applies the changes in order; returns the changes that bring the former state back, with the former times. */
  apply(changes: readonly FileChange[]): readonly FileChange[] {
    const inverse: FileChange[] = [];
    for (const change of changes) {
      inverse.unshift(this.#inverseOf(change));
      this.#applyOne(change);
    }
    return inverse;
  }

  /** Removes what earlier runs left behind and a later run would read: byte code and caches. */
  removeLeftovers(): void {
    const visit = (folder: string): void => {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (!entry.isDirectory()) continue;
        const path = join(folder, entry.name);
        if (leftovers.has(entry.name)) rmSync(path, { recursive: true, force: true });
        else visit(path);
      }
    };
    visit(this.root);
  }

  #applyOne(change: FileChange): void {
    const path = join(this.root, change.path);
    switch (change.kind) {
      case "delete":
        rmSync(path, { force: true });
        return;
      case "rename":
        mkdirSync(dirname(join(this.root, change.to)), { recursive: true });
        renameSync(path, join(this.root, change.to));
        return;
      case "write":
        mkdirSync(dirname(path), { recursive: true });
        writeInStyle(path, change.content, change.style);
        if (change.mtimeSeconds !== undefined) utimesSync(path, change.mtimeSeconds, change.mtimeSeconds);
        return;
    }
  }

  #inverseOf(change: FileChange): FileChange {
    if (change.kind === "rename") return { kind: "rename", path: change.to, to: change.path };
    if (!this.exists(change.path)) return { kind: "delete", path: change.path };
    return {
      kind: "write",
      path: change.path,
      content: this.readBytes(change.path),
      style: "in-place",
      mtimeSeconds: this.mtimeSeconds(change.path),
    };
  }
}

function writeInStyle(path: string, content: Buffer, style: WriteStyle): void {
  if (style === "in-place") {
    writeFileSync(path, content);
    return;
  }
  const mode = existsSync(path) ? lstatSync(path).mode & 0o777 : 0o644;
  if (style === "recreate") {
    rmSync(path, { force: true });
    writeFileSync(path, content, { mode });
    return;
  }
  const temporary = `${path}.parity~`;
  writeFileSync(temporary, content, { mode });
  renameSync(temporary, path);
}
