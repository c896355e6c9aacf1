// Writes batches into the history of a folder until it is killed, and says each one that it has written.
import { writeSync } from "node:fs";
import { History } from "../../../src/store/history.ts";
import { outcomes, runEntry } from "./temp-history.ts";

const history = new History(process.argv[2] ?? "");
for (let batch = 1; ; batch += 1) {
  const tests = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`test_${index}`, "passed" as const]));
  const isWritten = history.write(() => {
    history.addEdits([`/p/${batch}.py`], batch);
    history.addRun(runEntry(outcomes(tests, batch)));
  });
  writeSync(1, `${isWritten ? batch : "failed"}\n`);
}
