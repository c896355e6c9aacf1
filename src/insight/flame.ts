import { formatTime } from "../report/format-time.ts";
import { type ImportFacts, kindOfFile, type ModuleKind } from "./import-facts.ts";

const WIDTH = 1200;
const ROW_HEIGHT = 17;
/** Narrower than this (pixels) nothing can be seen or pointed at. */
const NARROWEST = 0.4;
const LETTER_WIDTH = 6.2;

/** By whose a module is. */
export const FLAME_COLORS: Readonly<Record<ModuleKind, string>> = {
  "third-party": "#c9d1d9",
  application: "#6cb2ff",
  conftest: "#e0b040",
  test: "#4cc38a",
};

/** The imports of a start on its time axis, what was imported inside of something else below it, as an SVG picture. */
export function drawFlame(facts: ImportFacts): string {
  const depths: number[] = [];
  for (const [, , parent] of facts.modules) depths.push(parent === -1 ? 0 : (depths[parent] ?? 0) + 1);
  const scale = WIDTH / Math.max(facts.totalMs, 1);
  const boxes = facts.modules.flatMap(([name, file, , importer, line, startMs, totalMs, ownMs], index) => {
    const width = totalMs * scale;
    if (width < NARROWEST || name === "") return [];
    const kind = kindOfFile(file, importer, facts.library);
    const [x, y] = [startMs * scale, (depths[index] ?? 0) * ROW_HEIGHT];
    const title = `${name}: ${formatTime(totalMs)}, ${formatTime(ownMs)} by itself (${kind}), imported by ${importer}:${line}`;
    const letters = Math.floor(width / LETTER_WIDTH) - 1;
    const label =
      letters < 3 ? "" : `<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${escapeMarkup(name.slice(0, letters))}</text>`;
    const box = `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW_HEIGHT - 1}" fill="${FLAME_COLORS[kind]}"/>`;
    return [`<g><title>${escapeMarkup(title)}</title>${box}${label}</g>`];
  });
  const height = (Math.max(0, ...depths) + 1) * ROW_HEIGHT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="100%" font-family="monospace" font-size="10.5" fill="#1b1f24">`,
    ...boxes,
    "</svg>",
  ].join("\n");
}

/** Text that stands in HTML or SVG as itself. */
export function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
