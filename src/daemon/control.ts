/** How a requester steers its run: it goes away or is superseded (abort), or presses ctrl-c (interrupt). */
export interface Control {
  readonly abort: AbortSignal;
  readonly interrupted: EventTarget;
}

/** Waits for work, and calls `onAbort` when the requester gives up meanwhile: that has to make the work end. */
export async function untilDone<T>(work: Promise<T>, { abort }: Control, onAbort: () => void): Promise<T> {
  if (abort.aborted) onAbort();
  abort.addEventListener("abort", onAbort);
  try {
    return await work;
  } finally {
    abort.removeEventListener("abort", onAbort);
  }
}
