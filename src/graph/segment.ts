import { basename, dirname } from "node:path";
import type { TimelineEvent } from "../protocol/agent-messages.ts";

/** A file as a Python process found it just before it used it; a size of -1 means that there was none. */
export interface UsedFile {
  readonly path: string;
  readonly mtimeNs: string;
  readonly size: number;
  readonly ino: string;
  /** Programs cannot set it: it gives away a content that came back with the old time. */
  readonly ctimeNs: string;
  /** SHA-256 of what was there, where the signature alone cannot tell it from a later version. */
  readonly hash?: string;
}

/** A folder that the program listed, and a digest of the names that it found there. */
export interface UsedListing {
  readonly path: string;
  readonly digest: string;
}

/** A file that the program itself has written, as it was when the process parked. */
export interface LeftFile extends UsedFile {
  /** Of a database: the version of what is not in its file yet. */
  readonly log: string | null;
}

/** What is at a path, without a look at its content. */
export type Presence = "nothing" | "file" | "folder";

const COUNTS_NO_MORE = -2;

/**
 * What one process did between two cuts of a timeline, as far as a later change can affect it.
 * Built up while the process runs, and then only queried.
 */
export class Segment {
  /** Modules of the project that were imported as such, by file; and files that pytest itself executed. */
  readonly #imported = new Set<string>();
  readonly #executed = new Set<string>();
  readonly #files = new Map<string, UsedFile>();
  readonly #listings = new Map<string, UsedListing>();
  readonly #presences = new Map<string, Presence>();
  readonly #made = new Set<string>();
  readonly #changed = new Set<string>();
  /** What was in a SQLite database before the program opened it, by its file. */
  readonly #databases = new Map<string, string>();
  /** By path; null for what counts no more. */
  readonly #left = new Map<string, LeftFile | null>();
  readonly #names = new Set<string>();
  /** By file, the module that has read it first. */
  readonly #readers = new Map<string, string>();
  readonly #variables = new Set<string>();
  readonly #directories = new Set<string>();
  readonly #libraries: (readonly [name: string, origin: string | null])[] = [];
  readonly #rewritten: string[] = [];
  #modules = 0;
  readonly #moduleNames: (readonly [name: string, path: string])[] = [];

  /** Adds what happened next. The first use of a file counts: a later one sees the same content or a newer one. */
  add(events: readonly TimelineEvent[]): void {
    for (const [kind, name, path, , mtimeNs, size, ino, ctimeNs, hash] of events) {
      if (kind === "env") this.#variables.add(name);
      else if (kind === "search") this.#directories.add(name);
      else if (kind === "library" || kind === "rewritten" || kind === "missing") {
        this.#names.add(lastPart(name));
        if (kind === "library") this.#libraries.push([name, path]);
        if (kind === "rewritten") this.#rewritten.push(name);
      } else if (kind === "presence") {
        if (isPresence(ino)) this.#presences.set(name, ino);
      } else if (kind === "made") this.#made.add(name);
      else if (kind === "changed") this.#changed.add(name);
      else if (kind === "left") {
        if (path === null) continue;
        const log = name === "database" ? (hash ?? "") : null;
        const file = { path, mtimeNs, size, ino, ctimeNs, log, ...(log === null && hash !== undefined && { hash }) };
        this.#left.set(path, size === COUNTS_NO_MORE ? null : file);
      } else if (kind === "database") {
        if (path === null) continue;
        this.#databases.set(path, ino);
        if (name !== "") this.#readers.set(path, name);
      } else if (kind === "list") this.#listings.set(name, { path: name, digest: ino });
      else if (path !== null) {
        if (kind === "testfile" || kind === "conftest") this.#executed.add(path);
        if (kind === "module") {
          this.#modules += 1;
          this.#imported.add(path);
          this.#moduleNames.push([name, path]);
          this.#names.add(lastPart(name));
        }
        if (kind === "open" && name !== "" && name !== path) this.#readers.set(path, name);
        if (kind !== "open") this.#directories.add(dirname(path));
        if (!this.#files.has(path))
          this.#files.set(path, { path, mtimeNs, size, ino, ctimeNs, ...(hash !== undefined && { hash }) });
      }
    }
  }

  /** Something that the program has created here. */
  addMade(path: string): void {
    this.#made.add(path);
  }

  /** What the program has created and later runs rely on. */
  get made(): ReadonlySet<string> {
    return this.#made;
  }

  /** What was not the same all the while it was used: nobody knows what of it was loaded. */
  get changed(): ReadonlySet<string> {
    return this.#changed;
  }

  /** What was in each SQLite database before the program opened it, by its file. */
  get databases(): ReadonlyMap<string, string> {
    return this.#databases;
  }

  /** What the program has written up to the end of the segment, as far as that was news; null for what counts no more. */
  get left(): ReadonlyMap<string, LeftFile | null> {
    return this.#left;
  }

  /** Whether it is one of the files or databases. */
  uses(path: string): boolean {
    return this.#files.has(path) || this.#databases.has(path);
  }

  /** How a file was executed first, if it was: by an import, or by pytest as a test file or conftest. */
  useOf(path: string): "module" | "pytest" | null {
    if (this.#executed.has(path)) return "pytest";
    return this.#imported.has(path) ? "module" : null;
  }

  /** Files that were read as such, each with the module of the project that did it. */
  get readers(): ReadonlyMap<string, string> {
    return this.#readers;
  }

  get files(): Iterable<UsedFile> {
    return this.#files.values();
  }

  get listings(): Iterable<UsedListing> {
    return this.#listings.values();
  }

  /** What the program found where it only asked whether something is there. */
  get presences(): ReadonlyMap<string, Presence> {
    return this.#presences;
  }

  /** Environment variables that were read; `*` when all were. */
  get variables(): ReadonlySet<string> {
    return this.#variables;
  }

  /** Folders in which imports looked, or from which something of the project was loaded: a file that appears there can matter. */
  get directories(): ReadonlySet<string> {
    return this.#directories;
  }

  /** How many modules of the project were executed. */
  get modules(): number {
    return this.#modules;
  }

  /** The project's modules, each with its file. */
  get moduleNames(): readonly (readonly [name: string, path: string])[] {
    return this.#moduleNames;
  }

  /** Conftests and test files: what pytest itself asks for. */
  get entries(): ReadonlySet<string> {
    return this.#executed;
  }

  /** Installed modules in the order of their import, each with its file. */
  get libraries(): readonly (readonly [name: string, origin: string | null])[] {
    return this.#libraries;
  }

  /** Installed modules whose assertions pytest rewrites. */
  get rewritten(): readonly string[] {
    return this.#rewritten;
  }

  /** Whether a file or folder that appears with this name could have been found by one of the imports. */
  looksFor(path: string): boolean {
    const name = basename(path);
    return this.#names.has(name.replace(/\..*$/, ""));
  }
}

function isPresence(text: string): text is Presence {
  return text === "nothing" || text === "file" || text === "folder";
}

function lastPart(moduleName: string): string {
  return moduleName.slice(moduleName.lastIndexOf(".") + 1);
}
