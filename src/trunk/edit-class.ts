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

/** Who reads a file that is no source: a module while it is imported, or so many tests. */
export interface Readers {
  readonly module: string;
  readonly tests: number;
}

/** In words, such as `read by shop.tax at import`; empty where nobody is known. */
function describeReaders({ module, tests }: Readers): string {
  const told = [
    module === "" ? "" : `read by ${module} at import`,
    tests === 0 ? "" : `opened by ${tests} test${tests === 1 ? "" : "s"}`,
  ];
  return told.filter((each) => each !== "").join(", ");
}

/** The class of an edit: what was found inside of the file, else what follows from how the file was used. */
export function classifyEdit(
  edit: FileEdit,
  use: FileUse,
  finding: Finding | null,
  readers: Readers = { module: "", tests: 0 },
): ClassifiedEdit {
  if (finding !== null) return { ...edit, class: finding.class, what: finding.what };
  const changed = edit.kind === "modified" ? "edited" : edit.kind;
  const read = [edit.kind === "modified" ? "" : changed, describeReaders(readers)]
    .filter((each) => each !== "")
    .join(", ");
  if (CONFIGURATION.test(edit.path)) return { ...edit, class: "configuration", what: changed };
  switch (use) {
    case "module":
      return { ...edit, class: "structural", what: changed };
    case "test file":
      return { ...edit, class: "test file", what: changed };
    case "conftest":
      return { ...edit, class: "configuration", what: changed };
    case "read":
      return { ...edit, class: "data", what: readers.module === "" ? `${changed}, read while importing` : read };
    case "unknown":
      if (PYTHON.test(edit.path)) return { ...edit, class: "structural", what: changed };
      return { ...edit, class: "data", what: readers.tests === 0 ? changed : read };
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
