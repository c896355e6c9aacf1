import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { failed, ok, type Result } from "../base/result.ts";
import type { ApiRequest } from "../protocol/api.ts";
import type { Problem } from "../protocol/errors.ts";
import type { Connection } from "./connection.ts";
import { daemonLeft } from "./daemon-left.ts";

/** Asks the daemon to serve the page until this connection ends, and resolves with the page's address. */
export async function servePage(
  connection: Connection,
  request: Extract<ApiRequest, { type: "serve-http" }>,
): Promise<Result<string, Problem>> {
  connection.send(request);
  for (;;) {
    const answer = await connection.receive();
    if (answer === undefined) continue;
    if ("kind" in answer) return failed(daemonLeft(answer.kind === "left" ? answer.reason : ""));
    if (answer.type === "failed") return failed(answer.problem);
    if (answer.type === "serving") return ok(`${answer.url}/#${answer.token}`);
  }
}

/**
 * Opens the page in a browser, where there is a screen for one. The token must not stand on a command line, which everybody on
 * this machine can read: the browser gets a file that only this person may read, and that leads on.
 */
export function openBrowser(address: string, folder: string): void {
  const hasScreen = process.platform === "darwin" || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
  if (!hasScreen) return;
  const file = join(folder, "page.html");
  const html = `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${address}"><title>prewarm</title>\n`;
  writeFileSync(file, html, { mode: 0o600 });
  const opener = process.platform === "darwin" ? "open" : "xdg-open";
  // Where there is none, the printed address is enough.
  const browser = spawn(opener, [pathToFileURL(file).href], { stdio: "ignore", detached: true });
  browser.on("error", () => {});
  browser.unref();
}
