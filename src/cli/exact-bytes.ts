import { readFileSync } from "node:fs";

// What Node shows in place of bytes that are no UTF-8.
const REPLACED = "\uFFFD";

/** This process's environment with bytes that are no UTF-8 as Python has them: lone surrogates from U+DC80. */
export function exactEnvironment(): Readonly<Record<string, string>> {
  const entries = readZeroTerminated("/proc/self/environ").map((entry) => {
    const equals = entry.indexOf("=", 1);
    return [entry.slice(0, equals), entry.slice(equals + 1)] as const;
  });
  // The kernel's copy is that of the start: what was added or removed since stands in process.env.
  const exact = new Map(entries);
  return Object.fromEntries(
    Object.entries(process.env).map(([name, value = ""]) => [
      name,
      value.includes(REPLACED) ? (exact.get(name) ?? value) : value,
    ]),
  );
}

/** The last words of this process's command line, with such bytes kept too. */
export function exactArguments(count: number): readonly string[] {
  return count === 0 ? [] : readZeroTerminated("/proc/self/cmdline").slice(-count);
}

function readZeroTerminated(file: string): readonly string[] {
  try {
    const parts = decodeKeepingBytes(readFileSync(file)).split("\0");
    return parts.slice(0, -1);
  } catch {
    return [];
  }
}

/** UTF-8 text in which each byte that belongs to no character becomes U+DC00 plus the byte. */
export function decodeKeepingBytes(bytes: Uint8Array): string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  for (let index = 0; index < bytes.length; ) {
    const length = lengthOfCharacter(bytes[index] ?? 0);
    const character = bytes.subarray(index, index + length);
    try {
      if (length === 0 || character.length < length) throw new RangeError("no whole character");
      text += decoder.decode(character);
      index += length;
    } catch {
      text += String.fromCharCode(0xdc00 + (bytes[index] ?? 0));
      index += 1;
    }
  }
  return text;
}

function lengthOfCharacter(first: number): number {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}
