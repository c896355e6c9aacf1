import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { basePython, cleanEnvironment, HOME, peerPython } from "../environment.ts";
import { makeApplication } from "../make-app.ts";
import { type Command, observe } from "./observe.ts";
import { commandPeer, type Peer, type Request } from "./peer.ts";
import { watchPeer } from "./watch-peer.ts";

const ROOT = join(import.meta.dirname, "..", "..");
/** Where the measured prewarm keeps its sockets, so that no other daemon of this user is touched. */
export const STATE = join(HOME, "state");

/** Every peer by name. Each makes its environment and an application folder of its own; throws with the reason where that fails. */
export const PEERS: Readonly<Record<string, () => Promise<Peer>>> = {
  pytest: async () => plainPytest(await basePython(), applicationFor("pytest")),
  "pytest-xdist": async () =>
    xdist(await peerPython("pytest-xdist", ["pytest-xdist==3.8.0"]), applicationFor("pytest-xdist")),
  prewarm: async () => prewarm(await basePython(), applicationFor("prewarm")),
  "prewarm-watch": async () => prewarmWatching(await basePython(), applicationFor("prewarm-watch")),
  "pytest-testmon": async () =>
    testmon(await peerPython("pytest-testmon", ["pytest-testmon==2.2.0"]), applicationFor("pytest-testmon")),
  "pytest-watcher": async () =>
    watcher(
      await peerPython("pytest-watcher", ["pytest-watcher==0.6.3", "watchdog==6.0.0"]),
      join(dirname(await basePython()), "pytest"),
      applicationFor("pytest-watcher"),
    ),
  "pytest-fast": async () =>
    fast(await peerPython("pytest-fast", ["pytest-fast==0.16.0"]), applicationFor("pytest-fast")),
  "pytest-hot-reloading": async () =>
    hotReloading(
      await peerPython("pytest-hot-reloading", ["pytest-hot-reloading==0.1.0a19"]),
      applicationFor("pytest-hot-reloading"),
    ),
  // With watchdog 7.1 it takes no notice of any change, as pytest-watcher; 6.0.0 is the one of its time.
  forkserver: async () =>
    forkserver(await peerPython("forkserver", ["forkserver==0.1.2", "watchdog==6.0.0"]), applicationFor("forkserver")),
};

/** The peers of `bench/watch.ts` without `--peers`. */
export const WATCHING_PEERS = ["pytest", "pytest-xdist", "pytest-testmon", "pytest-watcher", "prewarm-watch"] as const;

/** The peers of a run without `--peers`. */
export const USUAL_PEERS = ["pytest", "pytest-xdist", "prewarm"] as const;

function applicationFor(name: string): string {
  const folder = join(HOME, "apps", name);
  makeApplication(folder);
  return folder;
}

/** Plain pytest as a command. */
export function plainPytest(python: string, folder: string): Peer {
  return commandPeer("pytest", folder, ({ args }) => ({
    file: python,
    args: ["-m", "pytest", ...args],
    cwd: folder,
    env: cleanEnvironment({}),
  }));
}

function xdist(python: string, folder: string): Peer {
  return commandPeer("pytest-xdist -n 2", folder, ({ args }) => ({
    file: python,
    args: ["-m", "pytest", "-n", "2", ...args],
    cwd: folder,
    env: cleanEnvironment({}),
  }));
}

/** It runs the tests whose recorded code has changed, and leaves out the others. */
function testmon(python: string, folder: string): Peer {
  const peer = commandPeer("pytest-testmon", folder, ({ args }) => ({
    file: python,
    args: ["-m", "pytest", "--testmon", ...args],
    cwd: folder,
    env: cleanEnvironment({}),
  }));
  return { ...peer, selects: true };
}

function watcher(python: string, runner: string, folder: string): Peer {
  return watchPeer("pytest-watcher", folder, ({ args }) => ({
    file: python,
    // Its own delay before a run is left out.
    args: ["-m", "pytest_watcher", "--now", "--delay", "0", "--runner", runner, ".", ...args],
    cwd: folder,
    env: cleanEnvironment({}),
  }));
}

/** prewarm's command as it is in this repository, built. */
export function prewarm(python: string, folder: string): Peer {
  const command = prewarmCommand(folder);
  const peer = commandPeer(
    "prewarm",
    folder,
    ({ args }) => command(["run", "--python", python, "--", "pytest", ...args]),
    async () => {
      await observe(command(["stop"]), () => undefined);
    },
  );
  return {
    ...peer,
    run: async (request, change, expected) => {
      const observation = await peer.run(request, change, expected);
      return { ...observation, insideMs: await loggedDuration(command(["logs"])) };
    },
  };
}

/** The duration of the last run in the daemon's log, in milliseconds. */
async function loggedDuration(logs: Command): Promise<number | undefined> {
  const { output } = await observe(logs, () => undefined);
  const last = [...output.matchAll(/ exit \d+, ([\d.]+) ms: /g)].at(-1)?.[1];
  return last === undefined ? undefined : Number(last);
}

function prewarmWatching(python: string, folder: string): Peer {
  const command = prewarmCommand(folder);
  const peer = watchPeer("prewarm, watching", folder, ({ args }) =>
    command(["--python", python, "--", "pytest", ...args]),
  );
  return {
    ...peer,
    stop: async () => {
      await peer.stop();
      await observe(command(["stop"]), () => undefined);
    },
  };
}

function prewarmCommand(folder: string) {
  if (!existsSync(join(ROOT, "dist", "cli.cjs"))) throw new Error("dist/cli.cjs is missing: npm run build");
  mkdirSync(STATE, { recursive: true, mode: 0o700 });
  return (args: readonly string[]) => ({
    file: process.execPath,
    args: [join(ROOT, "bin", "prewarm.js"), ...args],
    cwd: folder,
    env: cleanEnvironment({ PREWARM_STATE_DIR: STATE }),
  });
}

function fast(python: string, folder: string): Peer {
  const address = join(HOME, "fast.sock");
  const env = cleanEnvironment({
    PYTEST_FAST_WATCH_DIRS: "heavyapp,tests",
    PYTEST_FAST_ADDRESS: address,
    PYTEST_FAST_WORKERS: "1",
  });
  // Its own command is its quickest way but knows the whole suite alone; a selection goes through its plugin.
  const commandFor = ({ args }: Request) => ({
    file: python,
    args: args.length === 0 ? ["-m", "pytest_fast", "--address", address] : ["-m", "pytest", "--fast", ...args],
    cwd: folder,
    env,
  });
  const stop = `import pytest_fast, sys; pytest_fast._shutdown_daemon(sys.argv[1])`;
  return commandPeer("pytest-fast", folder, commandFor, async () => {
    await observe({ file: python, args: ["-c", stop, address], cwd: folder, env }, () => undefined);
  });
}

function hotReloading(python: string, folder: string): Peer {
  const commandFor = (args: readonly string[]) => ({
    file: python,
    // It polls every two seconds unless it is told to use the system's events.
    args: [
      "-m",
      "pytest",
      "-p",
      "pytest_hot_reloading.plugin",
      "--daemon-port",
      "4901",
      "--daemon-use-os-events",
      ...args,
    ],
    cwd: folder,
    env: cleanEnvironment({}),
  });
  return commandPeer(
    "pytest-hot-reloading",
    folder,
    ({ args }) => commandFor(["--daemon-start-if-needed", ...args]),
    async () => {
      await observe(commandFor(["--stop-daemon"]), () => undefined);
      // The daemon says that it has stopped while its port is still open, and the next run would take it for alive.
      while (await isListening(4901)) await wait(20);
    },
  );
}

function forkserver(python: string, folder: string): Peer {
  return watchPeer("forkserver", folder, ({ args }) => ({
    file: python,
    args: ["-m", "forkserver", "--", "pytest", ...args],
    cwd: folder,
    env: cleanEnvironment({}),
  }));
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "localhost");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
