// The entry of a bundle of its own: commands that `prewarm run` never needs, and whose weight it shall not carry. What
// one of them needs alone runs only when that one is called.
import type { Flags } from "./parse-arguments.ts";
import type { Project } from "./project.ts";

export { completion } from "./commands/completion.ts";
export { config } from "./commands/config.ts";
export { init } from "./commands/init.ts";
export { stestr, subunit } from "./commands/subunit.ts";

/** `prewarm serve --stdio`. */
export async function serveStdio(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  return (await import("./commands/serve.ts")).serveStdio(words, flags, project);
}

/** `prewarm serve --http`. */
export async function serveHttp(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  return (await import("./commands/serve.ts")).serveHttp(words, flags, project);
}

/** `prewarm ui`. */
export async function ui(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  return (await import("./commands/ui.ts")).ui(words, flags, project);
}
