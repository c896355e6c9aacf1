// Renders what a terminal shows (text with SGR escapes, as `tmux capture-pane -e` writes it) as an SVG picture.

/** How one stretch of text looks. `color` is an index of the 16 colours of a terminal, undefined for the default. */
interface Style {
  readonly color?: number | undefined;
  readonly isBold?: boolean;
  readonly isDim?: boolean;
}

const ESCAPE = "\u001b";
const FONT_SIZE = 14;
const CELL_WIDTH = 8.43;
const LINE_HEIGHT = 20;
const PADDING = 18;
const BACKGROUND = "#16191d";
const TEXT = "#e6e8eb";
const DIM_OPACITY = 0.62;
// Black to white, then the bright ones: readable on the background, told apart also without colour vision by the text.
const DARK = ["#5c6670", "#ff8a75", "#4cc38a", "#e0b040", "#6cb2ff", "#c79bff", "#58c7d0", "#e6e8eb"];
const COLORS = [...DARK, "#9aa4b0", ...DARK.slice(1)];

/** The picture of a screen of `columns` characters; empty lines at its end are left out. `title` is read out by screen readers. */
export function renderSvg(screen: string, columns: number, title: string): string {
  const lines = screen.replace(/\s+$/, "").split("\n");
  const width = Math.round(columns * CELL_WIDTH + 2 * PADDING);
  const height = lines.length * LINE_HEIGHT + 2 * PADDING;
  let style: Style = {};
  const body = lines.map((line, row) => {
    const y = PADDING + row * LINE_HEIGHT + 15;
    const rendered = renderLine(line, y, style);
    style = rendered.style;
    return rendered.text;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escapeXml(title)}</title>
<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}" fill="${TEXT}" xml:space="preserve">
${body.filter((text) => text !== "").join("\n")}
</g>
</svg>
`;
}

// The length of each stretch is fixed, so that columns stand below each other in whatever font there is.
function renderLine(line: string, y: number, start: Style): { readonly text: string; readonly style: Style } {
  let style = start;
  let column = 0;
  const stretches: string[] = [];
  for (const [index, part] of line.split(ESCAPE).entries()) {
    // Behind an escape come its parameters, then the text that it is for.
    const end = index === 0 ? -1 : part.indexOf("m");
    if (end > 0) style = applyCodes(style, part.slice(1, end));
    const text = part.slice(end + 1);
    if (text.trim() !== "") {
      const x = (PADDING + column * CELL_WIDTH).toFixed(1);
      const length = ([...text].length * CELL_WIDTH).toFixed(1);
      stretches.push(`<text x="${x}" y="${y}" textLength="${length}"${attributesOf(style)}>${escapeXml(text)}</text>`);
    }
    column += [...text].length;
  }
  return { text: stretches.join(""), style };
}

function applyCodes(style: Style, codes: string): Style {
  return codes.split(";").reduce<Style>((current, code) => applyCode(current, Number(code)), style);
}

function applyCode(style: Style, code: number): Style {
  if (code === 0) return {};
  if (code === 1) return { ...style, isBold: true };
  if (code === 2) return { ...style, isDim: true };
  if (code === 22) return { ...style, isBold: false, isDim: false };
  if (code >= 30 && code <= 37) return { ...style, color: code - 30 };
  if (code >= 90 && code <= 97) return { ...style, color: code - 82 };
  return code === 39 ? { ...style, color: undefined } : style;
}

function attributesOf({ color, isBold, isDim }: Style): string {
  const fill = color === undefined ? "" : ` fill="${COLORS[color] ?? TEXT}"`;
  return `${fill}${isBold === true ? ' font-weight="bold"' : ""}${isDim === true ? ` opacity="${DIM_OPACITY}"` : ""}`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
