/** Every command, in the order in which they are listed. */
export const COMMAND_NAMES = [
  "run",
  "watch",
  "list",
  "serve",
  "ui",
  "mcp",
  "stestr",
  "status",
  "why",
  "verify",
  "doctor",
  "bench",
  "imports",
  "flaky",
  "bisect-order",
  "start",
  "stop",
  "restart",
  "logs",
  "config",
  "init",
  "completion",
  "help",
  "version",
] as const;

export type CommandName = (typeof COMMAND_NAMES)[number];
