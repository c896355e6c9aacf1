/** What a step came to: a value, or a failure that the caller must look at. */
export type Result<T, E> = Ok<T> | Failed<E>;

interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}

interface Failed<E> {
  readonly ok: false;
  readonly error: E;
}

/** A success that carries its value. */
export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

/** A failure that carries its reason. */
export function failed<E>(error: E): Failed<E> {
  return { ok: false, error };
}
