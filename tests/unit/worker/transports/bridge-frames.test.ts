import fc from "fast-check";
import { expect, test } from "vitest";
import { cutBridgeFrames, encodeBridgeFrame } from "../../../../src/worker/transports/bridge-frames.ts";

test("frames come back as they were, however their bytes are split", () => {
  const frame = fc.record({ number: fc.nat(9), bytes: fc.uint8Array({ maxLength: 40 }) });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 30 })), (frames, lengths) => {
      const all = Buffer.concat(frames.map(({ number, bytes }) => encodeBridgeFrame(number, bytes)));
      const cut = cutBridgeFrames();
      const found: { number: number; bytes: number[] }[] = [];
      for (let start = 0, part = 0; start < all.length; part += 1) {
        const end = start + (lengths[part] ?? 11);
        for (const each of cut(all.subarray(start, end))) found.push({ number: each.number, bytes: [...each.bytes] });
        start = end;
      }
      expect(found).toEqual(frames.map(({ number, bytes }) => ({ number, bytes: [...bytes] })));
    }),
    { numRuns: 500 },
  );
});
