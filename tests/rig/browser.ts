import { type Browser, chromium, type Page } from "playwright-core";
import type { Command } from "./command.ts";
import { findChromium } from "./find-chromium.ts";
import { interpreter } from "./interpreter.ts";
import type { Prewarm } from "./prewarm.ts";

/** A real browser, with one page of one person. */
export class OpenPage implements AsyncDisposable {
  readonly page: Page;
  /** What the page asked anybody but its own server for, and what went wrong in it. */
  readonly faults: string[] = [];
  readonly #browser: Browser;
  readonly #command: Command | undefined;
  readonly #address: { readonly origin: string; readonly token: string };

  private constructor(browser: Browser, page: Page, address: string, command: Command | undefined) {
    this.#browser = browser;
    this.page = page;
    this.#command = command;
    const { origin, hash } = new URL(address);
    this.#address = { origin, token: hash.slice(1) };
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol !== "data:" && url.origin !== origin) this.faults.push(`request to ${url.href}`);
    });
    page.on("pageerror", (error) => this.faults.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.faults.push(message.text());
    });
  }

  /** Opens an address that is served by somebody. */
  static async open(address: string, command?: Command): Promise<OpenPage> {
    const executablePath = findChromium();
    if (executablePath === undefined) throw new Error("Expected Chromium on PATH.");
    // Its sandbox refuses root, and containers without user namespaces.
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(60_000);
    const opened = new OpenPage(browser, page, address, command);
    await page.goto(address);
    return opened;
  }

  /** `prewarm ui`, and its page. */
  static async ui(prewarm: Prewarm, args: readonly string[] = [], flags: readonly string[] = []): Promise<OpenPage> {
    const command = prewarm.command([
      ...["ui", "--no-open", "--http", "0", "--python", interpreter, ...flags],
      ...["--", "pytest", ...args],
    ]);
    await command.writes("\n");
    return OpenPage.open(command.text("stdout").trim(), command);
  }

  /** Resolves when the verdict line says this. */
  async verdict(text: string): Promise<void> {
    await this.page.locator(".verdict", { hasText: text }).waitFor();
  }

  /** The exit code of the last run that has ended, as the server tells it to anybody; undefined where there is none, or no server. */
  async lastVerdict(): Promise<number | null | undefined> {
    const { origin, token } = this.#address;
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${origin}/view`, { headers }).catch(() => undefined);
    if (response?.ok !== true) return undefined;
    const { run } = (await response.json()) as {
      readonly run: { readonly record: { exit: number | null } | null } | null;
    };
    return run?.record?.exit;
  }

  /** The rows of the tree that are in the document: level, mark and name of each. */
  async rows(): Promise<readonly string[]> {
    return this.page.locator(".row").evaluateAll((rows) =>
      rows.map((row) => {
        const text = (name: string) => row.querySelector(name)?.textContent ?? "";
        return `${row.getAttribute("aria-level")} ${text(".mark")} ${text(".name")}`;
      }),
    );
  }

  /** The row that is selected. */
  async selected(): Promise<string | null> {
    return this.page.locator(".row[aria-selected=true] .name").textContent();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    this.#command?.signal("SIGINT");
    await this.#command?.finished;
  }
}
