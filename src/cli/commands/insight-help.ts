/** Help texts of the commands that look at runs. */
export const BISECT_ORDER = `prewarm bisect-order [FLAGS] TEST [-- pytest ARGS]

Finds the fewest tests that make TEST fail when they run before it, or pass where it fails alone. The suite runs once in
its own order; then TEST runs behind fewer and fewer of the tests before it, each time in a new fork of the loaded suite.
Exit code 0: found; 1: the order is not the reason.

  --python PATH     the interpreter to use
  --ttl SECONDS     how long an idle daemon stays, where this call starts one (1800)

Examples
  prewarm bisect-order tests/test_cart.py::test_total
  prewarm bisect-order tests/test_cart.py::test_total -- pytest tests -p no:randomly
`;

export const FLAKY = `prewarm flaky [FLAGS]

Tests that the history knows to have passed and failed on the same code: how often, and what goes with their failures
(the test that ran before, a worker, being the first). Runs with --repeat are in the history, too. Code is the same where
all files that were loaded before the first test are; what a test itself reads is not looked at.
Exit code 0: there is none; 1: there are some.

  --json            the same as one JSON object

Examples
  prewarm flaky
  prewarm run --repeat 100 -- pytest tests/test_mail.py; prewarm flaky
`;

export const IMPORTS = `prewarm imports [FLAGS] [-- pytest ARGS]

What a cold start costs up to the end of the collection: the time of each module's own code, by whose it is, and the ten
packages and modules that would save most if the project imported them on first use, with the lines that import them now.
Measured in a process of its own, once; nothing of it is kept.
With --unused, the tests then run once, one after another, and instead of the costs you see what is imported and of which no
test ran a function, the most expensive first (Python 3.12 and later).

  --python PATH     the interpreter to use
  --unused          runs the tests, and lists modules and packages that none of them uses
  --flame FILE      draws the imports on their time axis, as SVG
  --json            all that was measured, as one JSON object

Examples
  prewarm imports -- pytest tests
  prewarm imports --flame imports.svg
  prewarm imports --unused -- pytest tests
`;

export const DOCTOR = `prewarm doctor [FLAGS] [-- pytest ARGS]

What stands in the way of warm runs here: threads, sockets, event loops, connections and processes that are left by an
import (with the line that did it), what makes every run plain pytest, files that do not collect and the libraries, programs
and packages that they lack, inotify limits, the kind of file system, memory, versions, the daemon. Each with its remedy.
pytest is started in a process of its own, up to the end of the collection. Exit code 0: nothing is in the way; 1: something
is; 2: nobody could look.

  --python PATH     the interpreter to use
  --all             lists what is fine, too
  --fix             ends a daemon that does not answer, or an older one
  --json            all findings as one JSON object

Examples
  prewarm doctor
  prewarm doctor --all -- pytest tests
`;

export const BENCH = `prewarm bench [FLAGS] [N] [-- pytest ARGS]

Measures N runs (3), drops the first, and ranks what to change by the worker time that it would give back: fixtures that
are set up again and again, calls that wait, calls that compute, set-ups that take longer than their tests. Then profiles
the twelve longest calls, one after another. docs/insight.md has every rule.

  --python PATH     the interpreter to use
  -n N              workers, as prewarm run
  --json            all of it as one JSON object

Examples
  prewarm bench -- pytest tests
  prewarm bench 5 -n auto -- pytest tests
`;

export const MERGE = `prewarm merge [FLAGS] FILE…

Takes the shards of one run, each a file of \`prewarm run --shard I/N --results FILE\`, as one run: every failure with
pytest's own text, tests that had another outcome in an earlier try of their shard, one verdict, one exit code. Refuses
what is not one whole run: a missing shard, another split, a test without an outcome. Of several files of one shard the
last one started counts.

  --outcomes FILE   writes {"exit": N, "outcomes": {id: outcome}}
  --durations FILE  writes how long each test took, for --durations of the next split

Example
  prewarm merge --durations durations.json shard-*.json
`;

export const REPORT = `prewarm report [FLAGS] [-- pytest ARGS]

What is remembered of this project: the last run and its failures, flaky and slow tests, and what prewarm saved, on standard
output as Markdown. With a command line it runs that first, measured, and the exit code is pytest's.

  --html FILE       the same as one HTML file that needs nothing else, with the runs over time; with a command line also
                    when which worker ran what, and what a start imports
  --github          failures as annotations of GitHub, on standard output, in place of Markdown
  --python PATH     the interpreter to use

Examples
  prewarm report
  prewarm report --html report.html -- pytest tests
  prewarm report >> "$GITHUB_STEP_SUMMARY"; prewarm report --github
`;
