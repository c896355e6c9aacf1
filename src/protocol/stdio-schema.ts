import { z } from "zod";

const texts = z.array(z.string());

/** What `run-tests` takes: everything that is left out is as in the command that the server was started with. */
export const runTests = z.strictObject({
  /** Node ids; without them, all that the arguments select. */
  ids: texts.optional(),
  /** A part of the test file's path. */
  path: z.string().optional(),
  /** A keyword expression, as pytest's `-k`. */
  name: z.string().optional(),
  /** pytest's arguments, in place of those of the command. */
  args: texts.optional(),
  affected: z.enum(["learn", "only"]).optional(),
  /** A run that has not ended: these tests are added to it. */
  run: z.string().optional(),
  /** Standard input comes from `stdin`, and `output` tells what is printed. */
  input: z.boolean().optional(),
});

export type RunTestsParams = z.infer<typeof runTests>;

/** The parameters of every method of `prewarm serve --stdio`. */
export const stdioMethods = {
  "list-tests": z.strictObject({ args: texts.optional() }),
  "run-tests": runTests,
  /** A piece of a run's standard input; `end` says that nothing follows. */
  stdin: z.strictObject({ run: z.string(), text: z.string().optional(), end: z.boolean().optional() }),
  cancel: z.strictObject({ run: z.string() }),
  /** Only events of these types; without them all. */
  subscribe: z.strictObject({ types: texts.optional() }),
  unsubscribe: z.strictObject({}),
  status: z.strictObject({}),
  why: z.strictObject({ about: z.string().optional() }),
  failures: z.strictObject({}),
  shutdown: z.strictObject({}),
} as const;

export type StdioMethod = keyof typeof stdioMethods;
