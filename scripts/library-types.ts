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
  const exported = [...library.matchAll(/^export type \{([^}]*)\} from .*$/gm)]
    .flatMap(([, names = ""]) => names.split(","))
    .map((name) => name.trim())
    // A list over several lines ends in a comma.
    .filter((name) => name !== "");
  const faces = [withoutImports(library), `export type { ${exported.join(", ")} };\n`];
  return [...reachable(inner.flatMap(statements), faces.join("")), ...faces].join("");
}

interface Statement {
  readonly name: string;
  readonly text: string;
}

/** How a declaration begins, and its name; what a module does not export has no `declare`. */
const BEGINNING = String.raw`(?:declare )?(?:type|interface|const|function|class) (\w+)`;
const COMMENT = String.raw`\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n`;

/** The declarations of a text, each with the comment above it. */
function statements(text: string): readonly Statement[] {
  const found = [...text.matchAll(new RegExp(`^(?:${COMMENT})?${BEGINNING}`, "gm"))];
  return found.map(({ index, 1: name = "" }, place) => ({ name, text: text.slice(index, found[place + 1]?.index) }));
}

/** Those that a text refers to, itself or by way of others: the rest may speak of what no other program has. */
function reachable(all: readonly Statement[], from: string): readonly string[] {
  const used = new Set<Statement>();
  const follow = (text: string): void => {
    const words = new Set(text.match(/\w+/g));
    for (const each of all) {
      if (used.has(each) || !words.has(each.name)) continue;
      used.add(each);
      follow(each.text);
    }
  };
  follow(from);
  return all.filter((each) => used.has(each)).map(({ text }) => text);
}

function withoutImports(text: string): string {
  return text.replaceAll(/^(?:import|export type \{[^}]*\} from) .*\n/gm, "").replaceAll(/^export \{\};\n/gm, "");
}
