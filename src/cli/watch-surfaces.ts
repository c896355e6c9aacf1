import { existsSync } from "node:fs";
import { basename, isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { VERSION } from "../base/version.ts";
import type { ApiRequest } from "../protocol/api.ts";
import { formatCount } from "../report/format-count.ts";
import { launchWords } from "../report/launch-words.ts";
import { wantsColor } from "../surfaces/terminal/terminal.ts";
import { WatchLines } from "../surfaces/terminal/watch-lines.ts";
import { Keyboard } from "../surfaces/terminal/watch-screen/keyboard.ts";
import { TitleAndBell } from "../surfaces/terminal/watch-screen/title-and-bell.ts";
import { WatchScreen } from "../surfaces/terminal/watch-screen/watch-screen.ts";
import type { WatchSurface } from "../surfaces/terminal/watch-surface.ts";
import { isTerminal } from "./is-terminal.ts";
import type { FoundLaunch } from "./launch.ts";
import { type Flags, shellWords } from "./parse-arguments.ts";
import type { Project } from "./project.ts";
import { environmentName } from "./python/find-python.ts";
import { pytestVersion } from "./python/pytest-version.ts";
import { errorScreen } from "./screen.ts";
import type { WatchForm } from "./watch-form.ts";
import { writeAll, writeText } from "./write-output.ts";

const DEFAULT_COLUMNS = 80;
// What a shell shows for a program that a signal has ended.
const SIGNALLED = 128;

/** What a surface may ask of the command. */
export interface WatchCommand {
  readonly send: (request: Extract<ApiRequest, { type: "again" | "interrupt" | "debug" }>) => void;
  readonly quit: () => void;
  /** Opens the page, and resolves with where it is, or why it is not. */
  readonly openPage: () => Promise<string>;
}

/** What is watched: the program, its arguments, its environment, and how many workers a flag has asked for. */
export function describeWatch(
  { launch, choice }: FoundLaunch,
  { root, cwd }: Project,
  { workers }: Flags,
): readonly string[] {
  const { version, python, pytestFolder } = choice.used;
  const pytest = pytestVersion(pytestFolder);
  const command = shellWords(launchWords(launch)).replaceAll("'", "");
  // One elsewhere by its last name: the path would push the versions out of the line, and `prewarm status` has it.
  const place = environmentName(python, cwd);
  const name = `${isAbsolute(place) ? basename(place) : place}${version === undefined ? "" : ` Python ${version}`}`;
  const environment = pytest === undefined ? name : `${name}, pytest ${pytest}`;
  const asked = Number(workers) > 1 ? [formatCount(Number(workers), "worker")] : [];
  return [`prewarm ${VERSION}`, basename(root), command, environment, ...asked];
}

/** The surface of this form. */
export function openSurface(
  form: WatchForm,
  flags: Flags,
  found: FoundLaunch,
  project: Project,
  command: WatchCommand,
): WatchSurface {
  return form === "screen" ? openScreen(flags, found, project, command) : openLines(form, flags);
}

function openLines(form: Exclude<WatchForm, "screen">, flags: Flags): WatchSurface {
  const isQuiet = flags.quiet === true || Boolean(process.env.PREWARM_QUIET);
  const toOutput = { write: (text: string) => writeText(1, text), isScreen: false, hasColor: false };
  return new WatchLines({
    lines: form === "lines" ? toOutput : errorScreen(),
    problems: errorScreen(),
    columns: () => process.stderr.columns ?? DEFAULT_COLUMNS,
    output: form === "json" ? undefined : (stream, bytes) => writeAll(stream === "stdout" ? 1 : 2, bytes),
    hasFailures: form === "lines",
    isQuiet,
  });
}

function openScreen(
  flags: Flags,
  found: FoundLaunch,
  project: Project,
  { send, quit, openPage }: WatchCommand,
): WatchSurface {
  const write = (text: string): void => {
    if (!writeText(1, text)) quit();
  };
  const signals = new TitleAndBell(write, flags.bell === true, flags.title ? basename(project.root) : undefined);
  const paint = { hasColor: wantsColor(isTerminal(1), process.env), hasUnicode: hasUnicode(process.env) };
  const columns = (): number => process.stdout.columns ?? DEFAULT_COLUMNS;
  // Before anything is shown: a key that is pressed on it must not reach the terminal's own handling.
  const keyboard = new Keyboard(process.stdin, (key) => screen.press(key));
  keyboard.listen();
  const screen = new WatchScreen({ ...paint, write, columns, linkOf }, describeWatch(found, project, flags), {
    again: (choice) => send({ type: "again", choice }),
    cancel: () => send({ type: "interrupt" }),
    quit,
    openPage,
    suspend,
    lend: () => {
      keyboard.pause();
      send({ type: "debug" });
    },
    takeBack: () => keyboard.listen(),
    verdictChanged: (kind) => signals.changed(kind),
  });
  const redraw = (): void => screen.redraw();
  const goOn = (): void => {
    if (screen.isAside) return;
    keyboard.listen();
    screen.redraw();
  };
  process.stdout.on("resize", redraw);
  process.on("SIGCONT", goOn);
  // A debugger of another program, or a shell's `kill`, ends this one too: the terminal has to work afterwards.
  process.on("exit", close);
  process.on("SIGTERM", leave);
  process.on("SIGHUP", leave);
  return {
    take: (event) => screen.take(event),
    progress: (text) => screen.progress(text),
    output: (stream, bytes) => screen.output(stream, bytes),
    end: (record, problem) => screen.end(record, problem),
    close,
    get isRunning() {
      return screen.isRunning;
    },
    get exit() {
      return screen.exit;
    },
  };

  // A place is relative to pytest's root, which is the project's almost always; where it is not there is no such file.
  function linkOf(place: string): string | undefined {
    const path = resolve(project.root, place.replace(/:\d+$/, ""));
    return paint.hasUnicode && existsSync(path) ? pathToFileURL(path).href : undefined;
  }

  function suspend(): void {
    keyboard.pause();
    // Everything that the shell counts as this job stops, as when the terminal itself does it.
    process.kill(0, "SIGTSTP");
  }

  function leave(_name: NodeJS.Signals, signal: number): void {
    process.exit(SIGNALLED + signal);
  }

  function close(): void {
    process.off("exit", close);
    process.off("SIGTERM", leave);
    process.off("SIGHUP", leave);
    process.off("SIGCONT", goOn);
    process.stdout.off("resize", redraw);
    screen.close();
    signals[Symbol.dispose]();
    keyboard[Symbol.dispose]();
  }
}

function hasUnicode({ LC_ALL, LC_CTYPE, LANG, TERM }: NodeJS.ProcessEnv): boolean {
  return TERM !== "linux" && /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "");
}
