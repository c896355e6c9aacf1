export { bench } from "./commands/bench.ts";
export { bisectOrder } from "./commands/bisect-order.ts";
export { doctor } from "./commands/doctor.ts";
export { flaky } from "./commands/flaky.ts";
export { imports } from "./commands/imports.ts";
export { printWorkers } from "./commands/print-workers.ts";
export { repeat } from "./commands/repeat.ts";
