import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { interpreter } from "./interpreter.ts";
import { PlayedTerminal } from "./played-terminal.ts";
import type { Prewarm } from "./prewarm.ts";

// A program behind a new terminal. Our standard input tells what a person does, one JSON object a line; what the program
// writes arrives on our standard output. At its end standard error tells whether the terminal is as it was.
const BEHIND_A_TERMINAL = `
import fcntl, json, os, select, struct, sys, termios

def resize(columns):
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))

master, slave = os.openpty()
resize(int(sys.argv[1]))
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for descriptor in (0, 1, 2):
        os.dup2(slave, descriptor)
    os.execvp(sys.argv[2], sys.argv[2:])
pidfd = os.pidfd_open(pid)
rest = b""
inputs = [master, 0, pidfd]
while True:
    ready = select.select(inputs, [], [])[0]
    if master in ready:
        os.write(1, os.read(master, 65536))
    elif 0 in ready:
        data = os.read(0, 65536)
        if not data:
            inputs.remove(0)
        *lines, rest = (rest + data).split(b"\\n")
        for line in lines:
            act = json.loads(line)
            if "keys" in act:
                os.write(master, act["keys"].encode())
            if "columns" in act:
                resize(act["columns"])
            if "signal" in act:
                os.kill(pid, act["signal"])
    elif pidfd in ready:
        break
after = termios.tcgetattr(slave)
sys.stderr.write("restored" if after[:4] == before[:4] else "changed")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) % 256)
`;

const PATIENCE_MS = 120_000;

/** How a program behind a terminal ended. */
export interface ScreenEnd {
  readonly exit: number | null;
  /** Whether lines and echo of the terminal are again as they were before. */
  readonly isRestored: boolean;
}

/** A person at a terminal: sees what prewarm shows, and presses keys. */
export class Screen {
  readonly terminal: PlayedTerminal;
  readonly ended: Promise<ScreenEnd>;
  readonly #child: ChildProcess;
  readonly #waiting: (() => void)[] = [];
  #raw = "";
  #errors = "";
  #isOver = false;

  constructor(
    prewarm: Prewarm,
    words: readonly string[],
    columns = 100,
    env: Readonly<Record<string, string>> = {},
    /** In place of a command line of prewarm. */
    other?: readonly string[],
  ) {
    this.terminal = new PlayedTerminal(columns);
    const own = prewarm.words(words);
    const command = { cwd: own.cwd, words: other ?? own.words };
    this.#child = spawn(interpreter, ["-c", BEHIND_A_TERMINAL, String(columns), ...command.words], {
      cwd: command.cwd,
      env: prewarm.environment({ TERM: "xterm-256color", ...env }),
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#raw += text;
      this.terminal.write(text);
      this.#tell();
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    this.ended = once(this.#child, "close").then(([exit]) => {
      this.#isOver = true;
      this.#tell();
      return { exit: exit as number | null, isRestored: this.#errors === "restored" };
    });
  }

  /** Every byte that was written. */
  get raw(): string {
    return this.#raw;
  }

  press(keys: string): void {
    this.#act({ keys });
  }

  resize(columns: number): void {
    this.terminal.columns = columns;
    this.#act({ columns });
  }

  signal(signal: number): void {
    this.#act({ signal });
  }

  /** Resolves when the screen shows this so many times, in what was written once or in the live block. */
  async shows(text: string, times = 1): Promise<void> {
    const late = setTimeout(() => this.#giveUp(), PATIENCE_MS);
    while (this.terminal.text.split(text).length <= times) {
      if (this.#isOver)
        throw new Error(`Expected ${JSON.stringify(text)}, got:\n${this.terminal.text}\n${this.#errors}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
    clearTimeout(late);
  }

  // The message of a test that ran out of time would not say what the screen showed.
  #giveUp(): void {
    this.#isOver = true;
    this.#tell();
  }

  #act(act: object): void {
    this.#child.stdin?.write(`${JSON.stringify(act)}\n`);
  }

  #tell(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
