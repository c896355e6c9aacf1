import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { adapterModules } from "./app/adapters.ts";
import { analysisModules } from "./app/analysis.ts";
import { coreModules } from "./app/core.ts";
import { featureModules } from "./app/features.ts";
import type { GeneratedFile } from "./app/names.ts";
import { rootFiles } from "./app/root.ts";
import { schemaModules } from "./app/schema.ts";
import { serviceModules } from "./app/services.ts";
import { testFiles } from "./app/tests.ts";

/** Every file of the generated application; the same files each time. */
export function applicationFiles(): readonly GeneratedFile[] {
  return [
    ...rootFiles(),
    ...coreModules(),
    ...schemaModules(),
    ...analysisModules(),
    ...serviceModules(),
    ...adapterModules(),
    ...featureModules(),
    ...testFiles(),
  ];
}

/** Writes the application into `folder`, which is emptied first. */
export function makeApplication(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  for (const file of applicationFiles()) {
    const path = join(folder, file.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file.text);
  }
}

if (import.meta.main) {
  const folder = process.argv[2];
  if (folder === undefined) {
    console.error("Usage: node bench/make-app.ts FOLDER (the folder is emptied first)");
    process.exitCode = 2;
  } else {
    makeApplication(resolve(folder));
    const modules = applicationFiles().filter((file) => file.path.startsWith("heavyapp/"));
    console.log(`${modules.length} modules and ${testFiles().length} test files in ${resolve(folder)}`);
  }
}
