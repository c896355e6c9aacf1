import { z } from "zod";

const text = z.string();

/** What importing a file may leave behind in other modules; all empty where it leaves nothing. */
const left = z.object({
  /** Changes when the statements that leave something change, or what they use. */
  digest: text,
  /** Names of the modules in which something is left; `*` for anywhere. */
  places: z.array(text),
  reason: text,
});

/** One version of a source file, as the project's interpreter compiles it. Line numbers and comments do not count. */
export const sourceFacts = z.object({
  path: text,
  /** Modification time (ns), size, inode and change time (ns), with blanks between; `nothing` where there is no file. */
  version: text,
  /** Hash of all that an import executes; null where the file does not compile. */
  module: text.nullable(),
  /** Hash of each function's body, by qualified name. */
  functions: z.record(text, text),
  imports: z.array(text),
  /** Texts that may name a module. */
  strings: z.array(text),
  /** Why the file may refer to any other, or empty. */
  dynamic: text,
  left,
  /** Functions that may keep what they came to beyond a call. */
  keepers: z.array(text),
});

export type SourceFacts = z.infer<typeof sourceFacts>;
