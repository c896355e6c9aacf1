import type { CommandWords } from "./command-words.ts";

/** The completion of zsh. Behind `--`, and wherever nothing else is known, paths are offered. */
export function zshCompletion(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name);
  const flags = new Map(commands.flatMap((command) => command.flags.map((each) => [each.flag, each.value] as const)));
  const choices = [...flags].flatMap(([flag, value]) =>
    Array.isArray(value) ? [`    ${flag}) compadd -- ${value.join(" ")}; return ;;`] : [],
  );
  const free = [...flags].flatMap(([flag, value]) => (value === "any" || value === "path" ? [flag] : []));
  const offers = commands.map(
    ({ name, flags: own, words: more }) =>
      `    ${name}) offered=(${[...own.map(({ flag }) => flag), ...more].join(" ")}) ;;`,
  );
  return `#compdef prewarm
# zsh completion of prewarm: source <(prewarm completion zsh), after compinit
_prewarm() {
  local command=watch
  local -a offered
  if (( \${words[(I)--]} && \${words[(I)--]} < CURRENT )); then
    _files
    return
  fi
  if (( CURRENT > 2 )); then
    case "\${words[CURRENT - 1]}" in
${choices.join("\n")}
      ${free.join("|")}) _files; return ;;
    esac
    case "\${words[2]}" in
      ${names.join("|")}) command="\${words[2]}" ;;
    esac
  fi
  case "$command" in
${offers.join("\n")}
  esac
  (( CURRENT == 2 )) && offered+=(-- ${names.join(" ")})
  compadd -a offered || _files
}
if [ "$funcstack[1]" = _prewarm ]; then
  _prewarm "$@"
else
  compdef _prewarm prewarm
fi
`;
}
