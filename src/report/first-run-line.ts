import { formatAge } from "./format-time.ts";

/** What a person needs to know once about a project's daemon; `command` is what they typed after `--`. */
export function describeDaemonOnce(ttlMs: number, command: string): string {
  return `a daemon holds them for ${formatAge(ttlMs)} (prewarm stop ends it) · on every save: prewarm -- ${command}`;
}
