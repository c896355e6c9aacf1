import { basename, dirname } from "node:path";
import type { SourceFacts } from "../protocol/sources.ts";

/** Refers to every file. */
const ANY = "any";

/** Whom a change reaches: files, and whether it reaches what all tests share, with the file that makes it so. */
export interface Reach {
  readonly files: ReadonlySet<string>;
  readonly shared: string | null;
}

/**
 * Which source file refers to which. Built from one state of all files, and then only queried.
 *
 * A file has two nodes: what it is, and what importing it leaves in others (`traceOf`). Whoever refers to a module in which
 * something is left refers to the trace.
 */
export class SourceGraph {
  readonly #referrers = new Map<string, Set<string>>();
  readonly #byLastName = new Map<string, string[]>();
  readonly #shared = new Set<string>();
  readonly #files: ReadonlyMap<string, SourceFacts>;

  /** `modules` are the names under which files were imported, `entries` the files that pytest itself asks for. */
  constructor(
    files: ReadonlyMap<string, SourceFacts>,
    modules: readonly (readonly [name: string, path: string])[],
    entries: ReadonlySet<string>,
  ) {
    this.#files = files;
    for (const path of files.keys()) this.#addName(lastName(path), path);
    for (const [name, path] of modules) if (files.has(path)) this.#addName(`=${name}`, path);
    const referred = new Set<string>();
    for (const [path, facts] of files) {
      for (const target of this.#targetsOf(path, facts)) {
        this.#refer(path, target);
        if (target !== path) referred.add(target);
      }
      this.#addTrace(path, facts);
    }
    for (const path of files.keys()) {
      // Nobody's text has led to it: a library or an option has, and it counts for all.
      if (!referred.has(path) && !entries.has(path)) this.#shared.add(path);
    }
  }

  /** The node for what importing a file leaves in others. */
  static traceOf(path: string): string {
    return `${path}\0trace`;
  }

  /** Whether it is one of the files. */
  has(path: string): boolean {
    return this.#files.has(path);
  }

  /** Everything that refers to one of these nodes, however far. */
  reach(nodes: Iterable<string>): Reach {
    const seen = new Set(nodes);
    let shared: string | null = null;
    for (const node of seen) {
      if (this.#shared.has(node)) shared ??= node.split("\0")[0] ?? node;
      for (const each of this.#referrers.get(node) ?? []) seen.add(each);
      if (this.#files.has(node)) for (const each of this.#referrers.get(ANY) ?? []) seen.add(each);
    }
    return { files: seen, shared };
  }

  #addTrace(path: string, { left, imports }: SourceFacts): void {
    if (left.digest === "") return;
    const trace = SourceGraph.traceOf(path);
    for (const target of imports.flatMap((name) => this.#resolve(name, path))) this.#refer(trace, target);
    for (const place of left.places) {
      if (place === "*") this.#shared.add(trace);
      const inProject = this.#resolve(place, path);
      for (const each of inProject) this.#refer(each, trace);
      if (inProject.length === 0) this.#refer(libraryOf(place), trace);
    }
  }

  *#targetsOf(path: string, { imports, strings, dynamic }: SourceFacts): Iterable<string> {
    for (const name of imports) {
      const found = this.#resolve(name, path);
      yield* found;
      if (found.length === 0 && !name.startsWith(".")) yield libraryOf(name);
    }
    for (const text of strings) yield* this.#resolveStart(text, path);
    if (dynamic !== "") yield ANY;
    // A package is executed before anything in it, and a conftest acts on all files below it.
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      for (const name of ["__init__.py", "conftest.py"]) {
        if (this.#files.has(`${folder}/${name}`)) yield `${folder}/${name}`;
      }
      if (dirname(folder) === folder) return;
    }
  }

  /** The files that a name can stand for. All that end like it count: which one it is depends on `sys.path`. */
  #resolve(name: string, from: string): readonly string[] {
    const dots = /^\.*/.exec(name)?.[0].length ?? 0;
    const parts = name
      .slice(dots)
      .split(".")
      .filter((part) => part !== "");
    if (dots > 0) {
      let folder = dirname(from);
      for (let up = 1; up < dots; up += 1) folder = dirname(folder);
      const base = [folder, ...parts].join("/");
      return [`${base}.py`, `${base}/__init__.py`].filter((path) => this.#files.has(path));
    }
    const last = parts.at(-1);
    if (last === undefined) return [];
    const end = `/${parts.join("/")}`;
    const similar = (this.#byLastName.get(last) ?? []).filter((path) => modulePath(path).endsWith(end));
    return [...similar, ...(this.#byLastName.get(`=${parts.join(".")}`) ?? [])];
  }

  /** The same for the longest start of a dotted text that is a file. */
  #resolveStart(text: string, from: string): readonly string[] {
    for (let parts = text.split("."); parts.length > 0; parts = parts.slice(0, -1)) {
      const found = this.#resolve(parts.join("."), from);
      if (found.length > 0) return found;
    }
    return [];
  }

  #refer(from: string, to: string): void {
    const known = this.#referrers.get(to);
    if (known === undefined) this.#referrers.set(to, new Set([from]));
    else known.add(from);
  }

  #addName(name: string, path: string): void {
    const known = this.#byLastName.get(name);
    if (known === undefined) this.#byLastName.set(name, [path]);
    else known.push(path);
  }
}

function libraryOf(name: string): string {
  return `library\0${name.split(".")[0]}`;
}

/** The path without what an import leaves out. */
function modulePath(path: string): string {
  return basename(path) === "__init__.py" ? dirname(path) : path.replace(/\.py$/, "");
}

function lastName(path: string): string {
  return basename(modulePath(path));
}
