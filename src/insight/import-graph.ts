import { type ImportFacts, kindOfFile, type ModuleKind } from "./import-facts.ts";

/** A module that was loaded. */
export interface LoadedModule {
  readonly name: string;
  readonly file: string | null;
  readonly kind: ModuleKind;
  readonly ownMs: number;
  readonly totalMs: number;
}

/** A place in a file of the project that imports something. */
export interface ImportPlace {
  readonly file: string;
  readonly line: number;
}

/** What would not be loaded at the start if the project's own files imported it on first use. */
export interface LazyCandidate {
  /** A package of others, or a module of the application. */
  readonly name: string;
  readonly savesMs: number;
  readonly modules: number;
  readonly importers: readonly ImportPlace[];
}

/** Which module imports which. Built once, then only asked. */
export class ImportGraph {
  readonly modules: readonly LoadedModule[];
  /** By module, those that it imports, with the line; 0 where no statement does. */
  readonly #targets: readonly Map<number, number>[];
  readonly #roots: readonly number[];

  constructor({ modules, edges, library }: ImportFacts) {
    this.modules = modules.map(([name, file, , importingFile, , , totalMs, ownMs]) => ({
      ...{ name, file, ownMs, totalMs },
      kind: kindOfFile(file, importingFile, library),
    }));
    const byName = new Map(this.modules.map(({ name }, index) => [name, index]));
    const byFile = new Map(this.modules.flatMap(({ file }, index) => (file === null ? [] : [[file, index] as const])));
    this.#targets = this.modules.map(() => new Map());
    for (const [importer, name, line] of edges) {
      const from = byFile.get(importer) ?? byName.get(importer);
      const to = byName.get(name);
      if (from !== undefined && to !== undefined && from !== to) this.#targets[from]?.set(to, line);
    }
    // A module needs the package that it lies in.
    for (const [index, { name }] of this.modules.entries()) {
      const parent = byName.get(name.slice(0, name.lastIndexOf(".")));
      if (parent !== undefined && name.includes(".")) this.#targets[index]?.set(parent, 0);
    }
    const imported = new Set(this.#targets.flatMap((targets) => [...targets.keys()]));
    // Code in C imports without a statement: then it was for the module in which it happened.
    for (const [index, [, , parent]] of modules.entries()) {
      if (imported.has(index) || parent === -1) continue;
      this.#targets[parent]?.set(index, 0);
      imported.add(index);
    }
    // What pytest imports by itself is needed in any case.
    this.#roots = this.modules.flatMap(({ kind, name }, index) => {
      const isRoot = kind === "test" || kind === "conftest" || /^_?pytest\b/.test(name) || !imported.has(index);
      return name !== "" && isRoot ? [index] : [];
    });
  }

  /** The files of the project that import a module, each with its first line that does. */
  importersOf(module: LoadedModule): readonly ImportPlace[] {
    const to = this.modules.indexOf(module);
    return this.#targets.flatMap((targets, from) => {
      const [importer, line] = [this.modules[from], targets.get(to)];
      if (importer === undefined || !isProjects(importer) || importer.file === null || !line) return [];
      return [{ file: importer.file, line }];
    });
  }

  /** What would save most if the application and conftests imported it on first use; the most first. */
  lazyCandidates(most: number): readonly LazyCandidate[] {
    const reached = this.#reach(() => false);
    return [...this.#candidates()]
      .map(([name, places]) => this.#judge(name, places, reached))
      .filter(({ savesMs }) => savesMs > 0)
      .toSorted((one, other) => other.savesMs - one.savesMs)
      .slice(0, most);
  }

  /** By name, where the project's own files import it. */
  #candidates(): ReadonlyMap<string, readonly ImportPlace[]> {
    const found = new Map<string, ImportPlace[]>();
    for (const [from, targets] of this.#targets.entries()) {
      const importer = this.modules[from];
      if (importer === undefined || !isProjects(importer) || importer.file === null) continue;
      for (const [to, line] of targets) {
        const target = this.modules[to];
        if (target === undefined || line === 0 || !mayBeLazy(importer, target)) continue;
        const places = found.get(nameOf(target)) ?? [];
        if (!places.some(({ file }) => file === importer.file)) places.push({ file: importer.file, line });
        found.set(nameOf(target), places);
      }
    }
    return found;
  }

  #judge(name: string, importers: readonly ImportPlace[], reached: ReadonlySet<number>): LazyCandidate {
    const left = this.#reach((from, to) => {
      const [importer, target] = [this.modules[from], this.modules[to]];
      return importer !== undefined && target !== undefined && nameOf(target) === name && mayBeLazy(importer, target);
    });
    const lazy = [...reached].filter((index) => !left.has(index));
    const savesMs = lazy.reduce((sum, index) => sum + (this.modules[index]?.ownMs ?? 0), 0);
    return { name, savesMs, modules: lazy.length, importers };
  }

  /** Everything that is loaded where these statements are not executed. */
  #reach(isCut: (from: number, to: number) => boolean): ReadonlySet<number> {
    const reached = new Set(this.#roots);
    for (const from of reached) {
      for (const [to, line] of this.#targets[from] ?? [])
        if (!reached.has(to) && (line === 0 || !isCut(from, to))) reached.add(to);
    }
    return reached;
  }
}

/** The package that a module of others belongs to; a module of the project stands for itself. */
export function nameOf({ name, kind }: LoadedModule): string {
  return kind === "third-party" ? (name.split(".", 1)[0] ?? name) : name;
}

function isProjects({ kind }: LoadedModule): boolean {
  return kind !== "third-party";
}

// A test needs what it tests: importing that later would only move the time. Packages of others are another matter.
function mayBeLazy(importer: LoadedModule, target: LoadedModule): boolean {
  if (!isProjects(importer) || target.kind === "conftest" || target.kind === "test") return false;
  return importer.kind !== "test" || target.kind === "third-party";
}
