// The entry of a bundle of its own: everyday commands that `prewarm run` never needs, and whose weight it shall not carry.
export { help } from "./commands/help.ts";
export { list } from "./commands/list.ts";
export { logs } from "./commands/logs.ts";
export { runProgram } from "./commands/program.ts";
export { status } from "./commands/status.ts";
export { restart, start, stop } from "./commands/stop.ts";
export { verify } from "./commands/verify.ts";
export { watch } from "./commands/watch.ts";
export { why } from "./commands/why.ts";
