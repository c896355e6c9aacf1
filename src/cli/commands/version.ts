import { VERSION } from "../../base/version.ts";
import { writeText } from "../write-output.ts";

/** `prewarm --version`. */
export function version(): number {
  writeText(1, `prewarm ${VERSION}\n`);
  return 0;
}
