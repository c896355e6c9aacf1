import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** A directory's entries that matter, by name, each with its kind. */
export type Listing = ReadonlyMap<string, "file" | "directory">;

/** Who has listed a directory: imports and pytest's collection look for certain names, anybody else may use each of them. */
export type ListingReader = "imports" | "anybody";

const SOURCE_SUFFIX = /\.(?:py|so|pyd|pth|toml|ini|cfg)$/;
// pytest collects test*.txt as doctests by default, and its plugins collect the other formats under the same names.
const COLLECTED_TEXT = /^test.*\.(?:txt|rst|md|ya?ml|json|feature|ipynb)$/;
/** What editors leave for a moment, and Python beside a source. */
const SCRATCH = /(?:~|\.(?:pyc|pyo|swp|swo|swx|tmp|bak|orig))$|^#.*#$|^\d+$/;
const HIDDEN_CONFIGURATION = new Set([".pytest.ini", ".pytest.toml"]);

/**
 * Whether the appearance or loss of a directory entry can change what Python imports or pytest collects. Bytecode, swap
 * and backup files, and the nameless probes of editors do not.
 */
function matters(name: string, kind: "file" | "directory", forWhom: ListingReader): boolean {
  if (forWhom === "anybody") return !name.startsWith(".") && name !== "__pycache__" && !SCRATCH.test(name);
  if (name.startsWith(".")) return kind === "file" && HIDDEN_CONFIGURATION.has(name);
  if (kind === "directory") return name !== "__pycache__";
  return SOURCE_SUFFIX.test(name) || COLLECTED_TEXT.test(name);
}

/** The entries of `directory` that matter to its reader; undefined when it is missing, unreadable or no directory. */
export function listDirectory(directory: string, forWhom: ListingReader = "imports"): Listing | undefined {
  const listing = new Map<string, "file" | "directory">();
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const kind = entry.isSymbolicLink()
        ? kindOfTarget(join(directory, entry.name))
        : entry.isDirectory()
          ? "directory"
          : "file";
      if (matters(entry.name, kind, forWhom)) listing.set(entry.name, kind);
    }
  } catch {
    return undefined;
  }
  return listing;
}

function kindOfTarget(link: string): "file" | "directory" {
  try {
    return statSync(link).isDirectory() ? "directory" : "file";
  } catch {
    return "file";
  }
}
