import type { CommandWords } from "./command-words.ts";

/** The completion of bash, 3.2 and later. Behind `--`, and wherever nothing else is known, paths are offered. */
export function bashCompletion(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name);
  const flags = new Map(commands.flatMap((command) => command.flags.map((each) => [each.flag, each.value] as const)));
  const choices = [...flags].flatMap(([flag, value]) =>
    Array.isArray(value) ? [`      ${flag}) words="${value.join(" ")}" ;;`] : [],
  );
  const free = [...flags].flatMap(([flag, value]) => (value === "any" || value === "path" ? [flag] : []));
  const offers = commands.map(
    ({ name, flags: own, words }) => `    ${name}) words="${[...own.map(({ flag }) => flag), ...words].join(" ")}" ;;`,
  );
  return `# bash completion of prewarm: eval "$(prewarm completion bash)"
_prewarm() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}" command=watch words="" index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    [ "\${COMP_WORDS[index]}" = -- ] && return
  done
  if [ "$COMP_CWORD" -gt 1 ]; then
    case "$previous" in
${choices.join("\n")}
      ${free.join("|")}) return ;;
    esac
  fi
  if [ -z "$words" ]; then
    case "\${COMP_WORDS[1]}" in
      ${names.join("|")}) [ "$COMP_CWORD" -gt 1 ] && command="\${COMP_WORDS[1]}" ;;
    esac
    case "$command" in
${offers.join("\n")}
    esac
    [ "$COMP_CWORD" -eq 1 ] && words="$words -- ${names.join(" ")}"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _prewarm prewarm
`;
}
