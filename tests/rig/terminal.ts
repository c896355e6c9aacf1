import { interpreter } from "./interpreter.ts";

// The program runs behind a new terminal of this width; what it writes there arrives on our standard output.
const BEHIND_A_TERMINAL = `
import fcntl, os, pty, struct, sys, termios

pid, master = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])
while True:
    try:
        data = os.read(master, 65536)
    except OSError:
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

/** The words that run what follows them on a terminal of its own, this many columns wide. */
export function onTerminal(columns: number): readonly string[] {
  return [interpreter, "-c", BEHIND_A_TERMINAL, String(columns)];
}
