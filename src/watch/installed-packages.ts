import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isTellingSignature, statSignature } from "./fingerprint.ts";

const NOTHING = "nothing";
const INSTALLED = /\.(?:dist-info|egg-info|egg-link|pth)$/;

/** The folder of installed packages in which a module lies, or null for one of Python's own. */
export function siteFolderOf(modulePath: string): string | null {
  return /^.*\/(?:dist|site)-packages(?=\/)/.exec(modulePath)?.[0] ?? null;
}

/** Notices that packages were installed, changed or removed, by what installers leave beside them. */
export class InstalledPackages {
  readonly #known = new Map<string, { readonly version: string; readonly digest: string }>();

  /** A digest of what is installed in a folder; the folder is read again only after something in it came or went. */
  digestOf(siteFolder: string): string {
    const lookedAtMs = Date.now();
    const signature = statSignature(siteFolder);
    if (signature === undefined) return NOTHING;
    const version = `${signature.mtimeNs} ${signature.ino}`;
    const known = this.#known.get(siteFolder);
    if (known?.version === version) return known.digest;
    const digest = readDigest(siteFolder, String(signature.ino));
    // An installer at work may add more within the same tick of the clock.
    if (isTellingSignature(signature, lookedAtMs)) this.#known.set(siteFolder, { version, digest });
    return digest;
  }
}

function readDigest(siteFolder: string, inode: string): string {
  const hash = createHash("sha1").update(inode);
  try {
    for (const name of readdirSync(siteFolder)
      .filter((each) => INSTALLED.test(each))
      .sort()) {
      hash.update(`\0${name} ${statSync(join(siteFolder, name), { bigint: true }).mtimeNs}`);
    }
  } catch {
    return NOTHING;
  }
  return hash.digest("hex");
}
