import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  encodeFrame,
  FrameDecoder,
  FrameError,
  type FrameMessage,
  type FrameResult,
  MAX_DEPTH,
  MAX_FRAME_BYTES,
} from "../../../src/protocol/frames.ts";

interface GoldenCase {
  readonly name: string;
  readonly hex: string;
  readonly messages: readonly FrameMessage[];
  readonly error: string | null;
}

const goldenFolder = new URL("../../../contract/frames/", import.meta.url);

describe("golden frames", () => {
  for (const file of readdirSync(goldenFolder)) {
    const cases: readonly GoldenCase[] = JSON.parse(readFileSync(new URL(file, goldenFolder), "utf8"));
    test.each(cases)(`${file}: $name`, ({ hex, messages, error }) => {
      const stream = Uint8Array.from(Buffer.from(hex, "hex"));
      for (const results of [decode(stream), decodeInPieces(stream, 1)]) {
        expect(messagesOf(results)).toStrictEqual(messages);
        expect(errorOf(results)?.code ?? null).toBe(error);
      }
      expect(messagesOf(decode(join(messages.map(encodeFrame))))).toStrictEqual(messages);
    });
  }
});

describe("encodeFrame", () => {
  test("refuses what JSON would silently turn into null", () => {
    expect(() => encodeFrame(message({ list: [null, Number.NaN] }))).toThrow(
      "Expected a finite number in `1`, got NaN.",
    );
    expect(() => encodeFrame(message({ seconds: Number.NEGATIVE_INFINITY }))).toThrow(FrameError);
    expect(decode(encodeFrame(message({ nothing: null })))).toEqual([{ ok: true, value: message({ nothing: null }) }]);
  });

  test("refuses a message nested too deeply, and sends the deepest that is allowed", () => {
    let deep: unknown[] = [];
    for (let level = 3; level <= MAX_DEPTH; level += 1) deep = [deep];
    expect(messagesOf(decode(encodeFrame(message({ deep }))))).toEqual([message({ deep })]);
    expect(codeOfThrown(() => encodeFrame(message({ deep: [deep] })))).toBe("too-deep");
  });

  test("sends a message of exactly the longest length, and refuses one byte more", () => {
    const longest = MAX_FRAME_BYTES - JSON.stringify(message({ text: "" })).length;
    const frame = encodeFrame(message({ text: "x".repeat(longest) }));
    expect(frame.length).toBe(4 + MAX_FRAME_BYTES);
    // Pieces this small would take many minutes if each one copied what came before it.
    const results = decodeInPieces(frame, 64);
    expect(results.map((result) => result.ok && String(result.value.text).length)).toEqual([longest]);
    expect(codeOfThrown(() => encodeFrame(message({ text: "x".repeat(longest + 1) })))).toBe("too-large");
  });
});

describe("FrameDecoder", () => {
  test("keeps no view of a chunk, so that the caller may reuse its buffer", () => {
    const frame = encodeFrame(message({ text: "kept" }));
    const decoder = new FrameDecoder();
    const buffer = new Uint8Array(16);
    const results: FrameResult[] = [];
    for (let start = 0; start < frame.length; start += buffer.length) {
      const piece = frame.subarray(start, start + buffer.length);
      buffer.set(piece);
      results.push(...decoder.push(buffer.subarray(0, piece.length)));
      buffer.fill(0xff);
    }
    expect(results).toEqual([{ ok: true, value: message({ text: "kept" }) }]);
  });

  test("spends nothing on a declared length whose bytes do not arrive", () => {
    const header = Uint8Array.of(MAX_FRAME_BYTES >>> 24, MAX_FRAME_BYTES >>> 16, 0, 0);
    const decoders = Array.from({ length: 1000 }, () => new FrameDecoder());
    const before = process.memoryUsage().arrayBuffers;
    for (const decoder of decoders) {
      decoder.push(header);
      decoder.push(Uint8Array.of(0x7b));
    }
    const grownBytes = process.memoryUsage().arrayBuffers - before;
    expect(grownBytes).toBeLessThan(MAX_FRAME_BYTES);
  });

  test("survives hostile streams", { timeout: 240_000 }, () => {
    let hostileSeen = 0;
    fc.assert(
      fc.property(fc.array(scenario, { minLength: 20, maxLength: 40 }), (scenarios) => {
        for (const one of scenarios) {
          checkScenario(one);
          hostileSeen += 1;
        }
      }),
      { numRuns: 4000 },
    );
    expect(hostileSeen).toBeGreaterThan(100_000);
  });
});

/** Valid messages, then a hostile piece, then valid messages, and where the stream is cut. */
interface Scenario {
  readonly before: readonly FrameMessage[];
  readonly hostile: Uint8Array;
  readonly after: readonly FrameMessage[];
  readonly cuts: readonly number[];
}

// Any sixteen-bit units, so lone surrogates occur.
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 }).map((u) => String.fromCharCode(...u));
const anyMember = fc.oneof(
  anyText,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
  fc.constantFrom(null, true, false, [], {}, [[{}]]),
  fc.array(anyText, { maxLength: 3 }),
);
const anyMessage: fc.Arbitrary<FrameMessage> = fc.record({ type: anyText, value: anyMember });
const anyMessages = fc.array(anyMessage, { maxLength: 3 });
const anyBytes = fc.uint8Array({ maxLength: 24 });

const hostileBody = fc.oneof(
  anyBytes,
  fc.tuple(anyMessage, fc.nat(), fc.nat(255)).map(([value, at, byte]) => withByte(bodyOf(value), at, byte)),
  fc.tuple(anyMessage, fc.nat()).map(([value, at]) => cut(bodyOf(value), at)),
  fc.tuple(anyMessage, anyBytes).map(([value, tail]) => join([bodyOf(value), tail])),
  fc.tuple(fc.integer({ min: 60, max: 70 }), fc.constantFrom("[", '{"type":')).map(([n, open]) => nested(n, open)),
  fc
    .constantFrom("NaN", "Infinity", "-Infinity", "1e999", "9".repeat(400), "01", "\ufeff", "null", "'a'")
    .map((value) => Buffer.from(`{"type":"a","value":${value}}`)),
);
const hostilePiece = fc.oneof(
  hostileBody.map((body) => join([header(body.length), body])),
  anyBytes,
  fc.integer({ min: MAX_FRAME_BYTES + 1, max: 0xffff_ffff }).map(header),
  fc.integer({ min: 100, max: MAX_FRAME_BYTES }).map(header),
);
const scenario: fc.Arbitrary<Scenario> = fc.record({
  before: anyMessages,
  hostile: hostilePiece,
  after: anyMessages,
  cuts: fc.array(fc.nat(200), { maxLength: 5 }),
});

// Thrown errors and not `expect`, which would be most of the time of a hundred thousand frames.
function checkScenario({ before, hostile, after, cuts }: Scenario): void {
  const valid = join(before.map(encodeFrame));
  const stream = join([valid, hostile, ...after.map(encodeFrame)]);
  const whole = decode(stream);
  const expected = before.map((value) => JSON.stringify({ ok: true, value }));
  const seen = whole.map((result) => JSON.stringify(result));
  require(expected.every((one, index) => seen[index] === one), "a valid frame was lost or reordered");
  require(whole.slice(0, -1).every((result) => result.ok), "something came after a failure");
  const error = errorOf(whole);
  require(error === undefined || error instanceof FrameError, "a failure of another kind");

  const decoder = new FrameDecoder();
  const pieces: FrameResult[] = [];
  let start = 0;
  for (const end of [...[...cuts].sort((a, b) => a - b), stream.length]) {
    pieces.push(...decoder.push(stream.subarray(start, end)));
    start = Math.max(start, end);
  }
  require(JSON.stringify(pieces) === JSON.stringify(whole), "the cuts changed the result");
  if (error !== undefined) require(decoder.push(valid).length === 0, "a poisoned decoder went on");
}

function require(condition: boolean, complaint: string): void {
  if (!condition) throw new Error(complaint);
}

function message(members: Readonly<Record<string, unknown>>): FrameMessage {
  return { type: "test", ...members };
}

function decode(stream: Uint8Array): readonly FrameResult[] {
  return new FrameDecoder().push(stream);
}

function decodeInPieces(stream: Uint8Array, pieceBytes: number): readonly FrameResult[] {
  const decoder = new FrameDecoder();
  const results: FrameResult[] = [];
  for (let start = 0; start < stream.length; start += pieceBytes) {
    results.push(...decoder.push(stream.subarray(start, start + pieceBytes)));
  }
  return results;
}

function messagesOf(results: readonly FrameResult[]): readonly FrameMessage[] {
  return results.flatMap((result) => (result.ok ? [result.value] : []));
}

function errorOf(results: readonly FrameResult[]): FrameError | undefined {
  const last = results.at(-1);
  return last === undefined || last.ok ? undefined : last.error;
}

function codeOfThrown(action: () => void): string | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof FrameError) return error.code;
    throw error;
  }
  return undefined;
}

function header(length: number): Uint8Array {
  return Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length);
}

function bodyOf(value: FrameMessage): Uint8Array {
  return encodeFrame(value).subarray(4);
}

function withByte(body: Uint8Array, at: number, byte: number): Uint8Array {
  const changed = body.slice();
  changed[at % changed.length] = byte;
  return changed;
}

function cut(body: Uint8Array, at: number): Uint8Array {
  return body.subarray(0, at % body.length);
}

function nested(levels: number, open: string): Uint8Array {
  const close = open === "[" ? "]" : "}";
  return Buffer.from(`${open.repeat(levels)}""${close.repeat(levels)}`);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
