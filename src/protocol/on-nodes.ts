/** Where a run's tests run, as `--on` says it. */
export type OnNodes =
  | { readonly kind: "local"; readonly count: number }
  | { readonly kind: "ssh"; readonly hosts: readonly string[] }
  /** The address is empty for the cluster that runs here. */
  | { readonly kind: "ray"; readonly address: string };

/** What `--on` takes, for people. */
export const ON_EXPECTED = "`local:N`, `ssh:HOST,HOST` or `ray[:ADDRESS]`";

const MOST_LOCAL = 64;

/** Reads the value of `--on`; undefined for what does not fit. */
export function parseOn(text: string): OnNodes | undefined {
  const [kind = "", rest = ""] = split(text);
  if (kind === "local") {
    const count = Number(rest);
    return /^\d+$/.test(rest) && count >= 1 && count <= MOST_LOCAL ? { kind, count } : undefined;
  }
  if (kind === "ssh") {
    const hosts = rest.split(",").map((host) => host.trim());
    // A host that begins with a dash would be an option of ssh.
    const isFine = hosts.every((host) => /^[^\s-]\S*$/.test(host)) && new Set(hosts).size === hosts.length;
    return isFine ? { kind, hosts } : undefined;
  }
  return kind === "ray" && !/\s/.test(rest) ? { kind, address: rest } : undefined;
}

function split(text: string): readonly [string, string] {
  const colon = text.indexOf(":");
  return colon === -1 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
}
