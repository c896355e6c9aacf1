import type { HttpAnswer } from "../../src/protocol/http-schema.ts";

/** A test's own lines, with their numbers. */
export function Source({ part }: { readonly part: NonNullable<HttpAnswer<"Test">["source"]> }) {
  const width = String(part.line + part.lines.length).length;
  return (
    <pre class="source">
      <span class="muted">{`${part.path}\n`}</span>
      {part.lines.map((line, at) => (
        <span key={part.line + at}>
          <span class="number">{String(part.line + at).padStart(width)} </span>
          {`${line}\n`}
        </span>
      ))}
    </pre>
  );
}
