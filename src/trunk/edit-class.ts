import type { EditClass, FileEdit } from "../protocol/events.ts";

/** How a timeline has used a file: imported as a module, executed by pytest, read, or not at all. */
export type FileUse = "module" | "test file" | "conftest" | "read" | "unknown";

/** What a look into the file has shown: its class, what has changed in words, and why it was not patched, if so. */
export interface Finding {
  readonly class: EditClass;
  readonly what: string;
  /** Empty where the edit was patched. */
  readonly reason: string;
}

/** An edit of one file with its class and the words for it; `prewarm why` prints these very strings. */
export interface ClassifiedEdit extends FileEdit {
  readonly class: EditClass;
  readonly what: string;
}

const CONFIGURATION = /(?:^|\/)(?:\.?pytest\.(?:ini|toml)|pyproject\.toml|tox\.ini|setup\.cfg|setup\.py|[^/]*\.lock)$/;
const PYTHON = /\.pyi?$/;

/** The class of an edit: what was found inside of the file, else what follows from how the file was used. */
export function classifyEdit(edit: FileEdit, use: FileUse, finding: Finding | null): ClassifiedEdit {
  if (finding !== null) return { ...edit, class: finding.class, what: finding.what };
  const changed = edit.kind === "modified" ? "edited" : edit.kind;
  if (CONFIGURATION.test(edit.path)) return { ...edit, class: "configuration", what: changed };
  switch (use) {
    case "module":
      return { ...edit, class: "structural", what: changed };
    case "test file":
      return { ...edit, class: "test file", what: changed };
    case "conftest":
      return { ...edit, class: "configuration", what: changed };
    case "read":
      return { ...edit, class: "data", what: `${changed}, read while importing` };
    case "unknown":
      return { ...edit, class: PYTHON.test(edit.path) ? "structural" : "data", what: changed };
    default:
      return use satisfies never;
  }
}

/** Why a run was patched or could not be, in one line: the file, what changed in it, and what stands against it. */
export function describeFinding(path: string, { what, reason }: Finding, more: number): string {
  const others = more > 0 ? ` and ${more} more file${more > 1 ? "s" : ""}` : "";
  const doubt = reason === "" || reason === what ? "" : `, ${reason}`;
  return `${path}: ${what === "" ? "same content" : what}${doubt}${others}`;
}
