// Runs the tests of a project whose names have a word in them, and prints what failed:
//   node examples/library/run-tests.mjs FOLDER WORD
import { openDoor, PrewarmError } from "prewarm";

const [folder, word = ""] = process.argv.slice(2);

try {
  const door = await openDoor({ cwd: folder, command: ["pytest"] });
  const run = door.start(
    { choice: { ids: null, path: "", name: word } },
    {
      onEvent: (event) => {
        if (event.type === "test-finished") console.log(`${event.outcome} ${event.id}`);
      },
    },
  );
  process.on("SIGINT", run.cancel);
  const end = await run.finished;
  if (end.kind === "failed") throw new PrewarmError(end.problem);
  console.log(`exit ${end.record.exit}, ${end.record.way}`);
  for (const { id, text } of await door.failures()) console.log(`\n${id}\n${text}`);
  process.exitCode = end.record.exit ?? 2;
  door[Symbol.dispose]();
} catch (error) {
  if (!(error instanceof PrewarmError)) throw error;
  console.error(`${error.message}\nnext: ${error.problem.next}`);
  process.exitCode = error.problem.exit;
}
