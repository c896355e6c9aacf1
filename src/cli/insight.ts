export { printWorkers } from "./commands/print-workers.ts";
