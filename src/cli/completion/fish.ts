import type { CommandWords, FlagWords } from "./command-words.ts";

/** The completion of fish. Behind `--` paths are offered. */
export function fishCompletion(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  const lines = commands.flatMap(({ name, flags, words }) => {
    // The first words of a watch stand for themselves.
    const inCommand = `__prewarm_in ${name}`;
    return [
      ...flags.map((flag) => `complete -c prewarm -n '${inCommand}' ${describe(flag)}`),
      ...(words.length === 0 ? [] : [`complete -c prewarm -n '${inCommand}' -f -a '${words.join(" ")}'`]),
    ];
  });
  return `# fish completion of prewarm: prewarm completion fish | source
function __prewarm_in
    set -l words (commandline -opc)
    contains -- -- $words; and return 1
    if test (count $words) -gt 1; and contains -- $words[2] ${names}
        test $words[2] = $argv[1]
    else
        test watch = $argv[1]
    end
end
function __prewarm_first
    test (count (commandline -opc)) -eq 1
end
complete -c prewarm -n __prewarm_first -f -a '${names}'
${lines.join("\n")}
`;
}

function describe({ flag, value }: FlagWords): string {
  const name = flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`;
  if (value === null) return name;
  if (value === "path") return `${name} -r -F`;
  return value === "any" ? `${name} -x` : `${name} -x -a '${value.join(" ")}'`;
}
