/**
 * A path as the system knows it. Python shows each byte of a name that is no UTF-8 as a lone surrogate from U+DC80; Node would
 * look for another name.
 */
export function systemPath(path: string): string | Buffer {
  if (path.isWellFormed()) return path;
  const parts = Array.from(path, (character) => {
    const byte = (character.codePointAt(0) ?? 0) - 0xdc00;
    return byte >= 0x80 && byte <= 0xff ? Buffer.of(byte) : Buffer.from(character);
  });
  return Buffer.concat(parts);
}
