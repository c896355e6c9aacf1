type Change = "resized" | "suspended" | "resumed";

/**
 * Tells of what the terminal does to this process, which a run in another session would not hear: its size changes, ctrl-z
 * stops it, its shell lets it go on. Call what this returns when the run is over.
 */
export function passOnTerminal(tell: (change: Change) => void): () => void {
  const resized = (): void => tell("resized");
  const suspended = (): void => {
    tell("suspended");
    // Not before the message is on its way: a stopped process sends nothing.
    setImmediate(() => process.kill(process.pid, "SIGSTOP"));
  };
  const resumed = (): void => {
    tell("resumed");
    // Whoever edits a line there draws it anew.
    tell("resized");
  };
  process.on("SIGWINCH", resized).on("SIGTSTP", suspended).on("SIGCONT", resumed);
  return () => {
    process.off("SIGWINCH", resized).off("SIGTSTP", suspended).off("SIGCONT", resumed);
  };
}
