// Bytes that python-subunit reads are checked with python-subunit itself in tests/tools; these are the edges.
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import type { RunRecord } from "../../../src/protocol/events.ts";
import type { NodeId } from "../../../src/protocol/ids.ts";
import { SubunitWriter } from "../../../src/surfaces/files/subunit.ts";
import { encodePacket } from "../../../src/surfaces/files/subunit-packet.ts";

const RECORD = { exit: 0 } as RunRecord;
const id = "test_a.py::test_one" as NodeId;

test.each([0, 30, 48, 63, 64, 200, 16_000, 16_384, 70_000])("a packet with %d bytes tells its own length", (length) => {
  const bytes = new Uint8Array(length);
  const packet = encodePacket({ test: "t", file: { name: "log", mime: "text/plain", bytes, isLast: true } });
  const first = packet[3] ?? 0;
  const told = [
    first & 0x3f,
    ((first & 0x3f) << 8) | (packet[4] ?? 0),
    ((first & 0x3f) << 16) | ((packet[4] ?? 0) << 8) | (packet[5] ?? 0),
  ][first >> 6];
  expect(told).toBe(packet.length);
  expect(packet.readUInt32BE(packet.length - 4)).toBe(crc32(packet.subarray(0, -4)));
});

test("a file that is too long for a packet is refused", () => {
  const bytes = new Uint8Array(5 * 1024 * 1024);
  expect(() => encodePacket({ test: "t", file: { name: "log", mime: "text/plain", bytes, isLast: true } })).toThrow(
    "Expected a packet below 4 MiB",
  );
});

test.each([
  ["passes where pytest passed", { ...RECORD, exit: 0 }, 0],
  ["passes where there was no test", { ...RECORD, exit: 5 }, 0],
  ["fails where pytest could not tell of a test", { ...RECORD, exit: 3 }, 1],
  ["fails where pytest was interrupted", { ...RECORD, exit: 2 }, 1],
  ["fails where pytest failed without a failed test", { ...RECORD, exit: 1 }, 1],
  ["fails where there is no record", null, 1],
])("a stream %s", (_, record, failures) => {
  const { writer, packets } = written();
  writer.end(record, null, "output");
  expect(packets.filter(isFailure)).toHaveLength(failures);
});

test("a test that was running at the end has failed", () => {
  const { writer, packets } = written();
  writer.add({ type: "test-started", id });
  writer.end({ ...RECORD, exit: 2 }, null, "");
  expect(packets.filter(isFailure).map(String)).toEqual([
    expect.stringContaining(id),
    expect.stringContaining("pytest"),
  ]);
});

function written(): { readonly writer: SubunitWriter; readonly packets: readonly Buffer[] } {
  const packets: Buffer[] = [];
  return {
    packets,
    writer: new SubunitWriter(
      (bytes) => packets.push(Buffer.from(bytes)),
      () => 1_700_000_000_123,
    ),
  };
}

function isFailure(packet: Buffer): boolean {
  return ((packet[2] ?? 0) & 0x7) === 6;
}
