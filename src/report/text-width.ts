const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const ZERO = /\p{Mn}|\p{Me}|\p{Cf}/u;
const ASCII_ONLY = /^[\x20-\x7e]*$/;

/** How many columns of a terminal a text takes: two for wide letters, none for marks that combine with others. */
export function textWidth(text: string): number {
  if (ASCII_ONLY.test(text)) return text.length;
  let columns = 0;
  for (const letter of text) columns += letterWidth(letter);
  return columns;
}

/** A text in at most so many columns: `…` stands for an end that was cut off. */
export function clip(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  return columns < 1 ? "" : `${takeColumns(text, columns - 1)}…`;
}

/** A path in at most so many columns: it loses its middle, because its end names the file. */
export function shortenPath(path: string, columns: number): string {
  if (textWidth(path) <= columns) return path;
  const parts = path.split("/");
  const last = parts.at(-1) ?? path;
  for (let kept = parts.length - 2; kept > 0; kept -= 1) {
    const shorter = `${parts.slice(0, kept).join("/")}/…/${last}`;
    if (textWidth(shorter) <= columns) return shorter;
  }
  return clip(`…/${last}`, columns);
}

function takeColumns(text: string, columns: number): string {
  let taken = "";
  let width = 0;
  for (const letter of text) {
    width += letterWidth(letter);
    if (width > columns) break;
    taken += letter;
  }
  return taken;
}

function letterWidth(letter: string): number {
  if (ASCII_ONLY.test(letter)) return 1;
  if (ZERO.test(letter)) return 0;
  return WIDE.test(letter) ? 2 : 1;
}
