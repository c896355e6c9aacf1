/** Where lines of ours go. Nothing prints by itself: tests read what people see. */
export interface Terminal {
  readonly write: (text: string) => void;
  /** Whether it is a person's screen: only then lines may be erased again. */
  readonly isScreen: boolean;
  readonly hasColor: boolean;
}

/** Whether colours are wanted on a screen. */
export function wantsColor(isScreen: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR && env.FORCE_COLOR !== "0") return true;
  return isScreen && env.TERM !== "dumb";
}

const STYLES = { bold: "1", dim: "2", red: "31", green: "32", yellow: "33", blue: "34", boldRed: "1;31" } as const;

export type TextStyle = keyof typeof STYLES;

/** Text in one of the terminal's own colours, or as it is where colours are not wanted. */
export function styled(terminal: Pick<Terminal, "hasColor">, style: TextStyle, text: string): string {
  return terminal.hasColor ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;
}

/** Text from elsewhere, such as a file's name, with what would move the cursor or change colours made visible. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, (letter) =>
    letter === "\r" ? "" : `\\x${letter.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
