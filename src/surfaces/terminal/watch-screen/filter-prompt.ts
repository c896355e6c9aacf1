import type { NodeId } from "../../../protocol/ids.ts";
import { formatNumber } from "../../../report/format-count.ts";
import { fileOf } from "../../../report/format-failure.ts";
import type { RunView } from "../../../report/run-view.ts";
import type { Key } from "./keyboard.ts";
import { clipLine, type Line, span, WIDEST } from "./spans.ts";

/** What a key did to a prompt. */
export type PromptAnswer = "open" | "left" | "set";

/** A line at the bottom in which a person types a filter. */
export class FilterPrompt {
  readonly kind: "path" | "name";
  #text: string;

  constructor(kind: "path" | "name", text: string) {
    this.kind = kind;
    this.#text = text;
  }

  get text(): string {
    return this.#text.trim();
  }

  press(key: Key): PromptAnswer {
    switch (key.kind) {
      case "letter":
        this.#text += key.letter;
        return "open";
      case "backspace":
        this.#text = [...this.#text].slice(0, -1).join("");
        return "open";
      case "enter":
        return "set";
      case "escape":
      case "interrupt":
      case "end":
        return "left";
      case "suspend":
        return "open";
      default:
        return key satisfies never;
    }
  }

  lines(view: RunView, columns: number): readonly Line[] {
    const width = Math.min(columns - 1, WIDEST);
    const title = this.kind === "path" ? " filter by path: " : " filter by test name, as -k takes it: ";
    return [
      clipLine([span(title, "bold"), span(`${this.#text}▏`)], width),
      clipLine([span(`   ${this.#hint(view)}enter sets it, empty clears it, esc leaves`, "dim")], width),
    ];
  }

  #hint({ tests }: RunView): string {
    if (this.kind === "name" || this.text === "") return "";
    const wanted = this.text.toLowerCase();
    const matches = (id: NodeId): boolean => fileOf(id).toLowerCase().includes(wanted);
    const count = [...tests.keys()].filter(matches).length;
    return `${formatNumber(count)} of ${formatNumber(tests.size)} tests · `;
  }
}
