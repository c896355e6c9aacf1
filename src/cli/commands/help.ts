import { VERSION } from "../../base/version.ts";
import type { CommandName } from "../command-names.ts";
import { writeText } from "../write-output.ts";
import { BENCH, BISECT_ORDER, DOCTOR, FLAKY, IMPORTS, MERGE, REPORT } from "./insight-help.ts";

const GENERAL = `prewarm ${VERSION}: keeps a Python test suite loaded, so that an edit gets pytest's own verdict in milliseconds

  prewarm -- pytest ARGS            runs once, and again on every save
  prewarm run -- pytest ARGS        runs once; output and exit code are pytest's
  prewarm run ARGS                  the same, shorter
  prewarm [run] -- python|flask|…   any Python program, started anew on every save from where the edit begins
  prewarm list -- pytest ARGS       the ids of the tests that ARGS select
  prewarm ui -- pytest ARGS         the same as the first line, in a browser
  prewarm serve --stdio|--http      tests as a server, for other programs
  prewarm mcp                       the same for agents: the Model Context Protocol
  prewarm status                    what the daemon holds
  prewarm why [TEST|FILE]           why tests ran after the last save, or did not
  prewarm verify [-- pytest ARGS]   compares the last run, or a new one, with a cold plain pytest
  prewarm bench [N] [-- pytest ARGS]
                                    what to change to make the tests quicker, by what it would give back
  prewarm report [-- pytest ARGS]   what is remembered, as Markdown, HTML, or annotations of GitHub
  prewarm doctor [-- pytest ARGS]   what stands in the way of warm runs here, and what to do about it
  prewarm imports [-- pytest ARGS]  what a start costs, and what of it could be imported on first use
  prewarm flaky                     tests that have passed and failed on the same code
  prewarm bisect-order TEST         which tests have to run before TEST for it to fail
  prewarm merge FILE…               the shards of one run as one: prewarm run --shard I/N --results FILE
  prewarm start                     starts the daemon, without a run
  prewarm stop                      ends the daemon
  prewarm restart                   ends it and starts a new one
  prewarm logs                      what the daemon has logged
  prewarm config                    what is configured, and where each value comes from
  prewarm init                      says what it finds here, and begins a configuration
  prewarm completion SHELL          completion for bash, zsh or fish
  prewarm COMMAND --help            the flags of one command; prewarm help watch: those of the first line

Examples
  prewarm run -- pytest tests/unit -x
  prewarm -- pytest tests/test_cart.py::test_total
  prewarm run --outcomes outcomes.json -- python -m pytest -k "not slow"
  prewarm -- flask --app shop run

The first call starts a daemon for this project; it leaves after 30 minutes without work.
`;

const RUNNING = `  --python PATH     the interpreter to use; else PREWARM_PYTHON, the active environment, .venv, the project's tool,
                    pyenv, the pytest or python3 on PATH
  --ttl SECONDS     how long an idle daemon stays, where this call starts one (1800)
  -n N              workers that share the tests: a number, auto (one a core) or logical; 1 unless told. Also pytest's own
                    -n, where pytest-xdist is installed
  --timeout-per-test SECONDS
                    a test that takes longer has failed: the stacks of its threads are printed, and its worker is ended
  --leaks MODE      what tests begin and do not end (processes, threads, sockets, files and more): report, fail or off (report)
  --dist MODE       how they share them, as pytest-xdist: load, loadscope, loadfile, loadgroup, worksteal, each, no
  --quiet           no lines of ours beside errors and warnings; also PREWARM_QUIET=1
`;

const TOPICS: Readonly<Record<CommandName, string>> = {
  run: `prewarm run [FLAGS] -- pytest ARGS
prewarm run [FLAGS] ARGS

Runs once. Standard output and the exit code are pytest's; our own lines go to standard error.

${RUNNING}  --outcomes FILE   writes {"exit": N, "outcomes": {id: outcome}} when there is a verdict
  --json            the run's events on standard output, one JSON object a line, in place of pytest's output
  --format subunit  a subunit stream, version 2, on standard output, in place of pytest's output
  --load-list FILE  of the tests that ARGS select, only those whose ids are in FILE, one a line; - for standard input
  --shard I/N       of the tests that ARGS select, part I of N parts that take about the same time; with --durations FILE
                    by what earlier runs took, else by number (docs/ci.md)
  --results FILE    writes what the run came to, for prewarm merge
  --on NODES        where the tests run: local:N, ssh:HOST,HOST or ray[:ADDRESS]; -n counts the workers of each (docs/cluster.md).
                    --node-env NAMES passes variables; --node-command, --node-python, --node-patience, --allow-differences
                    are keys of the configuration
  --debugpy [PORT]  opens a debug server (debugpy of the project's environment) before the first test; also
                    --debugpy-wait [PORT], which holds the tests back until an editor has attached (5678)
  --checkpoints, --never-ahead, --watch-globs, --ignore-globs, --env-prefixes, --workarounds LIST
                    keys of the configuration, for this run: prewarm config, docs/configuration.md
  --no-daemon       plain pytest: nothing is kept, and nothing kept is used
  --detailed        says afterwards where the time of the tests went, and what would make them quicker (docs/insight.md)
  --repeat N        runs N times, each in a new process, -n of them at a time, and tells which tests are not the same in
                    all of them
  --until-fail      runs until something fails, or as often as --repeat says
  --print-workers   prints how many workers -n would make, and runs no test

Examples
  prewarm run -- pytest tests
  prewarm run tests -x -k cart
  prewarm run --python .venv/bin/python -- python -m pytest tests
  prewarm run --json -- pytest tests | jq 'select(.type == "test-finished")'
`,
  watch: `prewarm [FLAGS] -- pytest ARGS

Runs once, and on every save the tests that it can affect; the others keep their last outcome, and prewarm why tells the
reason. In a terminal the key h shows what else can be run. In a pipe, and where CI is set,
each line of ours is one fact. With --pdb or -s, pytest's own output is shown. The exit code is that of the last verdict.

${RUNNING}  --all             runs every test after an edit, not only those that it can affect
  --checkpoints, --never-ahead, --watch-globs, --ignore-globs, --env-prefixes, --workarounds LIST
                    keys of the configuration, for this watch: prewarm config, docs/configuration.md
  --verify-when-idle
                    compares what it shows with cold runs while nothing is asked: docs/configuration.md
  --on NODES        where the tests run, as for prewarm run
  --bell            rings when the verdict changes
  --title           shows the verdict in the terminal's title
  --outcomes FILE   writes {"exit": N, "outcomes": {id: outcome}} after each verdict
  --json            the events of all runs on standard output, one JSON object a line

Examples
  prewarm -- pytest tests
  prewarm --bell -- pytest tests/unit -x
`,
  list: `prewarm list [FLAGS] -- pytest ARGS
prewarm list [FLAGS] ARGS

Prints the ids of the tests that ARGS select, one a line. The exit code is pytest's.

${RUNNING}  --format subunit  the same as a subunit stream, version 2
  --load-list FILE  only those whose ids are in FILE, one a line
  --no-daemon       asks plain pytest

Examples
  prewarm list -- pytest tests -k cart
  prewarm list -m slow | wc -l
`,
  serve: `prewarm serve --stdio [FLAGS] [-- pytest ARGS]
prewarm serve --http [PORT] [FLAGS] [-- pytest ARGS]

Tests as a server. The words after -- are what a run takes where a request names no arguments (pytest).

  --stdio           JSON-RPC 2.0 on standard input and output, one object a line; docs/stdio.md has the methods.
                    It ends after shutdown, or when its input has ended and its runs have
  --http [PORT]     HTTP on the loopback address (7411; 0 takes a free port), with a token; docs/http.md has the
                    resources. It is served while this command runs: ctrl-c ends it
  --format subunit  with --stdio: what runs do, as one subunit stream in place of answers and notifications
${RUNNING}  --on NODES        where the tests run, as for prewarm run

Examples
  prewarm serve --stdio -- pytest tests
  echo '{"jsonrpc":"2.0","id":1,"method":"list-tests"}' | prewarm serve --stdio
  prewarm serve --http 0 -- pytest tests
`,
  ui: `prewarm ui [FLAGS] [-- pytest ARGS]

Runs once, and on every save the tests that it can affect, and shows all of it on a page: prints its address, and opens it
where there is a browser. The page is served to this machine alone, while this command runs: ctrl-c ends it.

${RUNNING}  --all             runs every test after an edit, not only those that it can affect
  --http PORT       the port of the page; any free one unless told
  --no-open         prints the address, and opens no browser
  --on NODES        where the tests run, as for prewarm run

Examples
  prewarm ui -- pytest tests
  prewarm ui --no-open --http 7411
`,
  mcp: `prewarm mcp [FLAGS] [-- pytest ARGS]

A Model Context Protocol server on standard input and output: tools to run tests (all, chosen, affected, failed), to list
them, to explain a decision, and to read the last failures. docs/agents.md has the settings to paste.

${RUNNING}  --on NODES        where the tests run, as for prewarm run

Example
  prewarm mcp -- pytest tests
`,
  stestr: `PYTHON="prewarm stestr" stestr run

Stands in for the Python that stestr starts, and writes the subunit stream that it expects: docs/stdio.md has a
configuration to paste.

Example
  PYTHON="npx prewarm stestr" stestr run
`,
  bench: BENCH,
  report: REPORT,
  doctor: DOCTOR,
  imports: IMPORTS,
  flaky: FLAKY,
  "bisect-order": BISECT_ORDER,
  merge: MERGE,
  why: `prewarm why [TEST|FILE]

Explains the last decision of a watch: what had changed, which tests that can affect, and why. With a node id: why this test
ran or did not. With a file: what had changed in it, and which tests use it.

Examples
  prewarm why
  prewarm why tests/test_cart.py::test_total
  prewarm why src/shop/models.py
`,
  verify: `prewarm verify [FLAGS]
prewarm verify [FLAGS] -- pytest ARGS
prewarm verify --last

Compares every outcome that the last run or watch stands by with those of a cold plain pytest: a process of its own with the same
arguments and environment, without prewarm and without a bytecode cache. With a command line, prewarm runs that first.

${RUNNING}  --last            shows the last comparison that prewarm has made by itself: verify-when-idle in docs/configuration.md
  --json            the comparison as one JSON object

The exit code is 0 where both are equal and 1 where they differ; then the output and outcomes of both are kept in a folder that
the report names. Every other code means that there was nothing to compare.

Examples
  prewarm verify
  prewarm verify -- pytest tests/unit
`,
  status: `prewarm status [--json]

What the daemon holds: its timelines, their checkpoints and their memory.

  --json            the same as one JSON object

Example
  prewarm status
`,
  start: `prewarm start [--ttl SECONDS] [--verify-when-idle]

Starts this project's daemon, unless one runs already. Every run does so by itself.

  --ttl SECONDS     how long it stays when it is idle (1800)
  --verify-when-idle
                    compares the last run with cold ones while nothing is asked, as long as it lives

Example
  prewarm start --ttl 3600
`,
  stop: `prewarm stop

Ends this project's daemon and every process that it holds. The next run starts a new one.

Example
  prewarm stop
`,
  restart: `prewarm restart [--ttl SECONDS] [--verify-when-idle]

Ends this project's daemon and starts a new one, which holds nothing yet.

  --ttl SECONDS     how long the new one stays when it is idle (1800)
  --verify-when-idle
                    the new one compares the last run with cold ones while nothing is asked

Example
  prewarm restart --ttl 3600
`,
  logs: `prewarm logs [--lines N] [--follow]

The end of the daemon's log.

  --lines N         how many lines (50)
  -f, --follow      goes on with what comes, until ctrl-c

Example
  prewarm logs --follow
`,
  config: `prewarm config [--json]

Every key of the configuration, its value, and where that comes from: a flag wins over a variable, that over [tool.prewarm] in
pyproject.toml or prewarm.toml. docs/configuration.md has what each key does.

  --json            the same as one JSON object

Example
  prewarm config
`,
  init: `prewarm init

Says what it finds: interpreter, pytest's configuration, programs that do part of the same. Adds [tool.prewarm] to pyproject.toml,
or writes prewarm.toml, with every key as a comment. What is configured already stays as it is.

Example
  prewarm init
`,
  completion: `prewarm completion bash|zsh|fish

Prints what the shell has to be told.

Examples
  eval "$(prewarm completion bash)"            in ~/.bashrc
  source <(prewarm completion zsh)             in ~/.zshrc, after compinit
  prewarm completion fish | source             in ~/.config/fish/config.fish
`,
  help: GENERAL,
  version: `prewarm version\n\nPrints the version.\n`,
};

/** `prewarm --help`, and `prewarm COMMAND --help`. */
export function help(topic: CommandName | undefined): number {
  writeText(1, topic === undefined ? GENERAL : TOPICS[topic]);
  return 0;
}
