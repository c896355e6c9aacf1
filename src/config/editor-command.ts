import { basename } from "node:path";
import { failed, ok, type Result } from "../base/result.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A place in a file; `line` counts from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** Editors that draw into the terminal of whoever calls them: a page has none. */
const TERMINAL_EDITORS: ReadonlySet<string> = new Set(
  "vi vim nvim view ex ed nano pico micro hx helix kak joe jed mcedit ne vis emacs-nox zile".split(" "),
);

/** How an editor is told of a line, by the name of its program; `FILE:LINE` is none of the file's name to the others. */
const WAYS: readonly (readonly [names: string, words: (place: Place) => readonly string[]])[] = [
  ["code code-insiders codium cursor windsurf positron", ({ file, line }) => ["-g", `${file}:${line}`]],
  ["subl sublime_text zed zeditor atom mate lapce", ({ file, line }) => [`${file}:${line}`]],
  ["pycharm charm idea webstorm fleet kate", ({ file, line }) => ["--line", String(line), file]],
  [
    "emacs emacsclient gvim mvim gedit gnome-text-editor pluma mousepad geany xed",
    ({ file, line }) => [`+${line}`, file],
  ],
];

/**
 * The words that open a place in the editor of this person: the one that is configured, else that of `VISUAL`, else that of
 * `EDITOR`. `{file}` and `{line}` in them are replaced; without them the line is told as the editor's name suggests. No shell
 * reads them. Fails with the reason in words.
 */
export function editorCommand(configured: string, env: Environment, place: Place): Result<readonly string[], string> {
  const [from, text = ""] = [
    ["the configuration", configured],
    ["VISUAL", env.VISUAL],
    ["EDITOR", env.EDITOR],
  ].find(([, each]) => each !== undefined && each.trim() !== "") ?? ["", ""];
  const words = splitWords(text);
  const [program] = words;
  if (program === undefined) return failed("No editor is named: neither configured, nor by VISUAL or EDITOR.");
  const name = basename(program).replace(/\.(?:exe|sh)$/, "");
  if (TERMINAL_EDITORS.has(name) || words.includes("-nw") || words.includes("-t")) {
    return failed(`${from} names \`${text.trim()}\`, which needs a terminal: the page has none.`);
  }
  if (words.some((word) => /\{(?:file|line)\}/.test(word))) {
    return ok(words.map((word) => word.replaceAll("{file}", place.file).replaceAll("{line}", String(place.line))));
  }
  const way = WAYS.find(([names]) => names.split(" ").includes(name))?.[1];
  return ok([...words, ...(way?.(place) ?? [place.file])]);
}

/** As a shell divides words, with both kinds of quotes and without anything else that a shell does. */
function splitWords(text: string): readonly string[] {
  const found = text.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g);
  return [...found].map(([word]) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}
