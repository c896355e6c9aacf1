/**
 * Ctrl-C as pytest's users know it: the first lets pytest end and report, the second ends this command at once. While a
 * debugger is in front, each is for the debugger. Call what this returns when the run is over.
 */
export function onInterrupt(first: () => void, second: () => void, isInDebugger = () => false): () => void {
  let count = 0;
  const listener = (): void => {
    if (!isInDebugger()) count += 1;
    if (count <= 1) first();
    else second();
  };
  process.on("SIGINT", listener);
  return () => process.off("SIGINT", listener);
}
