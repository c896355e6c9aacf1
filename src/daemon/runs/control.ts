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

/**
 * Waits for a timeline to grow: there is no pytest yet that could take a ctrl-c, so that ends it as well. Whoever has given up is not
 * told of a crash either, which is our own doing.
 */
export async function untilGrown<T>(work: Promise<T>, control: Control, onEnd: () => void): Promise<T | "interrupted"> {
  let isInterrupted = false;
  const end = () => {
    isInterrupted = true;
    onEnd();
  };
  control.interrupted.addEventListener("interrupt", end);
  try {
    const result = await untilDone(work, control, end);
    return isInterrupted ? "interrupted" : result;
  } finally {
    control.interrupted.removeEventListener("interrupt", end);
  }
}

/** Waits for what another run has begun; false where the requester gives up meanwhile. */
export async function unlessEnded(work: Promise<void> | undefined, { abort, interrupted }: Control): Promise<boolean> {
  const { promise: ended, resolve } = Promise.withResolvers<false>();
  const end = () => resolve(false);
  if (abort.aborted) end();
  abort.addEventListener("abort", end);
  interrupted.addEventListener("interrupt", end);
  try {
    return await Promise.race([ended, Promise.resolve(work).then(() => true)]);
  } finally {
    abort.removeEventListener("abort", end);
    interrupted.removeEventListener("interrupt", end);
  }
}
