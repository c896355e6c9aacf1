import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type FileSignature, isTellingSignature, statSignature } from "./fingerprint.ts";

const NOTHING = "nothing";
const INSTALLED = /\.(?:dist-info|egg-info|egg-link|pth)$/;
/** Files that lead to packages elsewhere: some installers write to them in place, which the folder does not show. */
const LINKS = /\.(?:egg-link|pth)$/;

/** The folder of installed packages in which a module lies, or null for one of Python's own. */
export function siteFolderOf(modulePath: string): string | null {
  return /^.*\/(?:dist|site)-packages(?=\/)/.exec(modulePath)?.[0] ?? null;
}

interface Known {
  /** The folder's own version, and that of each file in it that leads elsewhere. */
  readonly version: string;
  readonly links: readonly string[];
  readonly digest: string;
}

/** Notices that packages were installed, changed or removed, by what installers leave beside them. */
export class InstalledPackages {
  readonly #known = new Map<string, Known>();

  /** A digest of what is installed in a folder; the folder is read again only after something in it came, went or leads elsewhere. */
  digestOf(siteFolder: string): string {
    const known = this.#known.get(siteFolder);
    const lookedAtMs = Date.now();
    const signatures = [siteFolder, ...(known?.links ?? [])].map((path) => statSignature(path));
    if (signatures[0] === undefined) return NOTHING;
    if (known !== undefined && known.version === versionOf(signatures)) return known.digest;
    const names = namesIn(siteFolder);
    if (names === undefined) return NOTHING;
    const links = names.filter((each) => LINKS.test(each)).map((each) => join(siteFolder, each));
    const looked = [siteFolder, ...links].map((path) => statSignature(path));
    const digest = digestOf(siteFolder, names);
    // An installer at work may add more within the same tick of the clock.
    const isFinal = looked.every((each) => each === undefined || isTellingSignature(each, lookedAtMs));
    if (isFinal) this.#known.set(siteFolder, { version: versionOf(looked), links, digest });
    return digest;
  }
}

function versionOf(signatures: readonly (FileSignature | undefined)[]): string {
  return signatures
    .map((each) => (each === undefined ? NOTHING : `${each.mtimeNs} ${each.size} ${each.ino} ${each.ctimeNs}`))
    .join("\n");
}

/** What installers have left in a folder, in the order of their names. */
function namesIn(siteFolder: string): readonly string[] | undefined {
  try {
    return readdirSync(siteFolder)
      .filter((each) => INSTALLED.test(each))
      .sort();
  } catch {
    return undefined;
  }
}

function digestOf(siteFolder: string, names: readonly string[]): string {
  const hash = createHash("sha1").update(String(statSignature(siteFolder)?.ino));
  for (const name of names) {
    const signature = statSignature(join(siteFolder, name));
    hash.update(`\0${name} ${signature?.mtimeNs} ${LINKS.test(name) ? signature?.size : ""}`);
  }
  return hash.digest("hex");
}
