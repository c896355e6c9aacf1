import { isDiffLine } from "./split-report.ts";

/** Text of pytest, whose lines stand out as in its own report. */
export function Report({ text }: { readonly text: string }) {
  return (
    <pre class="report">
      {text.split("\n").map((line, at) => (
        // Lines have no other name than their place.
        <span key={at} class={classOf(line)}>
          {`${line}\n`}
        </span>
      ))}
    </pre>
  );
}

function classOf(line: string): string | undefined {
  const told = line.replace(/^E(?= )/, "");
  if (isDiffLine(told, "-") && told !== line) return "removed";
  if (isDiffLine(told, "+") && told !== line) return "added";
  if (/^E(?: |$)/.test(line)) return "fail";
  if (/^-+ Captured .* -+$/.test(line)) return "muted";
  return line.startsWith(">") ? "strong" : undefined;
}
