// A process that keeps a copy, and is killed before it changes the disk for the Nth time: receive-and-die.ts FOLDER SOURCE N
import { TreeReader } from "../../../src/sync/tree-reader.ts";
import { TreeReceiver } from "../../../src/sync/tree-receiver.ts";
import { TreeSender } from "../../../src/sync/tree-sender.ts";
import { updateAll } from "../../../src/sync/update-all.ts";

const [folder = "", source = "", last = ""] = process.argv.slice(2);
let writes = 0;
const beforeWrite = (): void => {
  writes += 1;
  if (writes === Number(last)) process.kill(process.pid, "SIGKILL");
};
const receiver = new TreeReceiver({ folder, beforeWrite });
const sender: TreeSender = new TreeSender((order) => {
  for (const answer of receiver.take(order)) sender.take(answer);
});
const result = await updateAll(new TreeReader(source), [sender]);
console.log(result.ok ? (result.value.ends[0]?.kind ?? "") : result.error.sentence);
