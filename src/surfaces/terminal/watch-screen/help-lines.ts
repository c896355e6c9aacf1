import { type Line, span } from "./spans.ts";

const WIDE = [
  "  a  run all                      f  run what fails         enter  run the last choice again",
  "  u  run what was not run         p  filter by path         w      why: the last edit, explained",
  "  c  cancel (also esc, ctrl-c)    t  filter by test name    o      open the page",
  "                                                            q      quit, daemon stays",
];
const NARROW = [
  "  a  run all               f  run what fails",
  "  u  run what was not run  enter  the last choice again",
  "  p  filter by path        t  filter by test name",
  "  c  cancel (also esc)     w  why: the last edit",
  "  h  this help             o  open the page",
  "                           q  quit, daemon stays",
];
const WIDE_COLUMNS = 96;

/** The keys, for the live block. */
export function helpLines(columns: number): readonly Line[] {
  return (columns >= WIDE_COLUMNS ? WIDE : NARROW).map((line) => [span(line)]);
}
