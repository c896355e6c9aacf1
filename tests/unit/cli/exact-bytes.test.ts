import { expect, test } from "vitest";
import { decodeKeepingBytes } from "../../../src/cli/exact-bytes.ts";

test.each([
  ["plain", [0x61, 0x62], "ab"],
  ["characters of two, three and four bytes", [...Buffer.from("é€😀")], "é€😀"],
  ["a byte that is none", [0x61, 0xff, 0x62], "a\udcffb"],
  ["a character cut short", [0xe2, 0x82], "\udce2\udc82"],
  ["an overlong form", [0xc0, 0xaf], "\udcc0\udcaf"],
  ["an encoded surrogate", [0xed, 0xa0, 0x80], "\udced\udca0\udc80"],
])("bytes survive: %s", (_name, bytes, text) => {
  expect(decodeKeepingBytes(Uint8Array.from(bytes))).toBe(text);
});
