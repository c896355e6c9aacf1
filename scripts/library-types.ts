// The declarations of what other programs import, as one file: those of the vocabulary, and what the library exports of them.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { capture, root } from "./command.ts";

/** In the order in which they refer to each other. */
const MODULES = [
  "protocol/ids",
  "protocol/errors",
  "protocol/events",
  "protocol/past",
  "protocol/api",
  "protocol/door",
  "cli/library",
];

/** Writes the declarations; ends the process where the compiler refuses. */
export async function writeLibraryTypes(file: string): Promise<void> {
  const cache = join(root, ".cache");
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "types-"));
  try {
    const config = join(folder, "tsconfig.json");
    await writeFile(
      config,
      JSON.stringify({
        extends: join(root, "tsconfig.json"),
        compilerOptions: {
          ...{ noEmit: false, declaration: true, emitDeclarationOnly: true, noCheck: true, outDir: folder },
          ...{ rootDir: join(root, "src"), typeRoots: [join(root, "node_modules/@types")] },
        },
        files: [join(root, "src/cli/library.ts")],
        include: [],
      }),
    );
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const { exitCode, stdout } = await capture([process.execPath, compiler, "-p", config]);
    if (exitCode !== 0) {
      console.error(stdout);
      process.exit(1);
    }
    const texts = await Promise.all(MODULES.map((name) => readFile(join(folder, `${name}.d.ts`), "utf8")));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, concatenate(texts));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The modules as one: only what the last one exports is visible. */
function concatenate(texts: readonly string[]): string {
  const [library = "", ...others] = texts.toReversed();
  const inner = others.toReversed().map((text) => withoutImports(text).replaceAll(/^export (declare )?/gm, "declare "));
  const exported = [...library.matchAll(/^export type \{([^}]*)\} from .*$/gm)].map(([, names]) => names?.trim());
  return [...inner, withoutImports(library), `export type { ${exported.join(", ")} };\n`].join("");
}

function withoutImports(text: string): string {
  return text.replaceAll(/^(?:import|export type \{[^}]*\} from) .*\n/gm, "").replaceAll(/^export \{\};\n/gm, "");
}
