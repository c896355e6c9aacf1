import { failed, ok, type Result } from "../base/result.ts";

/** The longest body of a frame, in bytes. The Python side has the same number. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** How deeply arrays and objects may nest in a message; the message itself is level one. */
export const MAX_DEPTH = 64;

const HEADER_BYTES = 4;
const FIRST_BUFFER_BYTES = 1024;

export type FrameErrorCode = "too-large" | "too-deep" | "not-utf8" | "not-json" | "not-a-message";

/** Why bytes are not a frame. There is no way to find the next frame after one: drop the connection. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  readonly code: FrameErrorCode;

  constructor(code: FrameErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What every frame holds: an object with a `type`. Its other members are for the caller's schema to check. */
export interface FrameMessage {
  readonly type: string;
  readonly [member: string]: unknown;
}

export type FrameResult = Result<FrameMessage, FrameError>;

// Strings keep lone surrogates as \udcXX escapes in both languages, so paths with undecodable bytes survive.
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The frame of a message: four bytes of length (big-endian), then JSON in UTF-8.
 * Throws a FrameError for a message that the other side would refuse.
 */
export function encodeFrame(message: { readonly type: string }): Uint8Array<ArrayBuffer> {
  const body = encoder.encode(toJson(message));
  if (body.length > MAX_FRAME_BYTES) throw tooLarge(body.length);
  const fault = findFault(body);
  if (fault !== undefined) throw fault;
  const frame = new Uint8Array(HEADER_BYTES + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, HEADER_BYTES);
  return frame;
}

function toJson(message: object): string {
  const text = JSON.stringify(message);
  // NaN and Infinity silently become null, so only a text with a null needs the slower second look.
  return text.includes("null") ? JSON.stringify(message, refuseNonFinite) : text;
}

function refuseNonFinite(key: string, value: unknown): unknown {
  if (typeof value !== "number" || Number.isFinite(value)) return value;
  throw new FrameError("not-json", `Expected a finite number in \`${key}\`, got ${value}.`);
}

type DecoderState =
  | { readonly kind: "header"; readonly bytes: Uint8Array; filled: number }
  | { readonly kind: "body"; readonly length: number; buffer: Uint8Array; filled: number }
  | { readonly kind: "poisoned" };

/**
 * Cuts a stream of bytes into messages, however the bytes are split.
 *
 *     header ──4 bytes──▶ body ──declared length──▶ header
 *        └──too large──▶ poisoned ◀──not a message──┘
 *
 * A failure is the last result there will ever be; later bytes are ignored.
 * It holds at most twice the bytes that arrived for the current frame, whatever its header declares.
 */
export class FrameDecoder {
  #state: DecoderState = emptyHeader();

  /** The messages that these bytes complete, in order. The chunk is copied where needed and may be reused. */
  push(chunk: Uint8Array): readonly FrameResult[] {
    const results: FrameResult[] = [];
    let offset = 0;
    while (offset < chunk.length) {
      const state = this.#state;
      if (state.kind === "poisoned") break;
      const missing = (state.kind === "header" ? HEADER_BYTES : state.length) - state.filled;
      const part = chunk.subarray(offset, offset + missing);
      offset += part.length;
      const result = state.kind === "header" ? this.#addToHeader(state, part) : this.#addToBody(state, part);
      if (result === undefined) continue;
      results.push(result);
      this.#state = result.ok ? emptyHeader() : { kind: "poisoned" };
    }
    return results;
  }

  #addToHeader(state: DecoderState & { kind: "header" }, part: Uint8Array): FrameResult | undefined {
    state.bytes.set(part, state.filled);
    state.filled += part.length;
    if (state.filled < HEADER_BYTES) return undefined;
    const length = new DataView(state.bytes.buffer).getUint32(0);
    if (length > MAX_FRAME_BYTES) return failed(tooLarge(length));
    if (length === 0) return failed(new FrameError("not-json", "Expected JSON in a frame, got an empty body."));
    this.#state = { kind: "body", length, buffer: new Uint8Array(0), filled: 0 };
    return undefined;
  }

  #addToBody(state: DecoderState & { kind: "body" }, part: Uint8Array): FrameResult | undefined {
    if (part.length === state.length) return decodeBody(part);
    const filled = state.filled + part.length;
    // The bytes are copied: a kept view of a small chunk would pin the whole block that it was read into.
    if (filled > state.buffer.length) state.buffer = grow(state, filled);
    state.buffer.set(part, state.filled);
    state.filled = filled;
    return filled === state.length ? decodeBody(state.buffer.subarray(0, filled)) : undefined;
  }
}

function emptyHeader(): DecoderState {
  return { kind: "header", bytes: new Uint8Array(HEADER_BYTES), filled: 0 };
}

// Doubling keeps many tiny chunks linear; growing from what arrived keeps a false length from costing anything.
function grow(state: DecoderState & { kind: "body" }, needed: number): Uint8Array {
  const capacity = Math.max(needed, 2 * state.buffer.length, FIRST_BUFFER_BYTES);
  const larger = new Uint8Array(Math.min(capacity, state.length));
  larger.set(state.buffer.subarray(0, state.filled));
  return larger;
}

function decodeBody(body: Uint8Array): FrameResult {
  let text: string;
  try {
    text = decoder.decode(body);
  } catch {
    return failed(new FrameError("not-utf8", "Expected UTF-8 in a frame, got other bytes."));
  }
  const fault = isSurelyFaultless(text) ? undefined : findFault(body);
  if (fault !== undefined) return failed(fault);
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch (error) {
    return failed(new FrameError("not-json", `Expected JSON in a frame: ${String(error)}`));
  }
  if (isMessage(message)) return ok(message);
  return failed(new FrameError("not-a-message", "Expected an object with a string member `type` in a frame."));
}

function isMessage(value: unknown): value is FrameMessage {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const SHORT_CHARACTERS = 4_096;
const PERHAPS_TOO_LARGE = /\d[eE]|\d{300}/;

// Most messages are short, with no number that could be too large, and too few brackets to nest too deeply.
function isSurelyFaultless(text: string): boolean {
  if (text.length > SHORT_CHARACTERS || PERHAPS_TOO_LARGE.test(text)) return false;
  return text.split("[").length + text.split("{").length <= MAX_DEPTH;
}

// One pass over the bytes before any parsing, for the two things that JSON.parse would let through:
// nesting that exhausts a recursive reader, and numbers such as 1e999 that become Infinity.
function findFault(body: Uint8Array): FrameError | undefined {
  let depth = 0;
  let index = 0;
  while (index < body.length) {
    const byte = body[index] ?? 0;
    if (byte === QUOTE) {
      index = endOfString(body, index);
    } else if (isDigit(byte)) {
      const end = endOfNumber(body, index);
      if (!isFiniteNumber(body.subarray(index, end))) return numberTooLarge();
      index = end;
    } else {
      if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth += 1;
      else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth -= 1;
      if (depth > MAX_DEPTH) return tooDeep();
      index += 1;
    }
  }
  return undefined;
}

// Native search from quote to quote: most bytes of a message lie in strings.
function endOfString(body: Uint8Array, start: number): number {
  for (let from = start + 1; ; ) {
    const quote = body.indexOf(QUOTE, from);
    if (quote === -1) return body.length;
    let backslashes = 0;
    while (body[quote - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

function endOfNumber(body: Uint8Array, start: number): number {
  let index = start + 1;
  while (index < body.length && isInNumber(body[index] ?? 0)) index += 1;
  return index;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isInNumber(byte: number): boolean {
  return isDigit(byte) || byte === 0x2e || byte === 0x2b || byte === 0x2d || byte === 0x65 || byte === 0x45;
}

// Without an exponent a number needs 309 digits to leave the range of a double.
const LONGEST_SURELY_FINITE = 308;

function isFiniteNumber(digits: Uint8Array): boolean {
  if (digits.length <= LONGEST_SURELY_FINITE && !digits.includes(0x65) && !digits.includes(0x45)) return true;
  return Number.isFinite(Number(decoder.decode(digits)));
}

function tooLarge(length: number): FrameError {
  return new FrameError("too-large", `Expected a frame of at most ${MAX_FRAME_BYTES} bytes, got ${length}.`);
}

function tooDeep(): FrameError {
  return new FrameError("too-deep", `Expected a message nested at most ${MAX_DEPTH} levels deep.`);
}

function numberTooLarge(): FrameError {
  return new FrameError("not-json", "Expected numbers within the range of a double.");
}
