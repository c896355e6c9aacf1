import { formatCount, formatNumber } from "../report/format-count.ts";
import type { Finding } from "./doctor.ts";
import type { ImportFacts } from "./import-facts.ts";

/** Packages of Debian and Ubuntu that have the libraries which Python packages look for most often. */
const SYSTEM_PACKAGES: Readonly<Record<string, string>> = {
  "libpq.so.5": "libpq5",
  "libGL.so.1": "libgl1",
  "libmagic.so.1": "libmagic1",
  "libgomp.so.1": "libgomp1",
  "libxml2.so.2": "libxml2",
  "libxslt.so.1": "libxslt1.1",
  "libsndfile.so.1": "libsndfile1",
  "libmariadb.so.3": "libmariadb3",
  "libcairo.so.2": "libcairo2",
  "libzmq.so.5": "libzmq5",
  "libglib-2.0.so.0": "libglib2.0-0",
  "libgthread-2.0.so.0": "libglib2.0-0",
  "libgobject-2.0.so.0": "libglib2.0-0",
  "libpango-1.0.so.0": "libpango-1.0-0",
  "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
  "libodbc.so.2": "libodbc2",
  "libEGL.so.1": "libegl1",
  "libSM.so.6": "libsm6",
  "libXext.so.6": "libxext6",
  "libXrender.so.1": "libxrender1",
  "libusb-1.0.so.0": "libusb-1.0-0",
  "libportaudio.so.2": "libportaudio2",
  "libasound.so.2": "libasound2",
  "libnss3.so": "libnss3",
  "libsnappy.so.1": "libsnappy1v5",
  "libgobject-2.0-0": "libglib2.0-0",
  "libcairo-2": "libcairo2",
  libmagic: "libmagic1",
  "libpq library": "libpq5",
  "GDAL library": "libgdal-dev",
  "GEOS library": "libgeos-dev",
};

/** In which words the loader, cffi and packages that look by themselves say that a library is missing. */
const MISSING_LIBRARY: readonly RegExp[] = [
  /(\S+\.so[.\d]*): cannot open shared object file/g,
  /cannot load library '([\w.+-]+)': (?!\S+\.so[.\d]*: cannot open)/g,
  /failed to find (libmagic)\b/g,
  /(libpq library) not found/g,
  /Could not find the (G(?:DAL|EOS) library)/g,
];

/** Modules of Python's own library that are left out where a package was not there when Python was built, with that package. */
const LEFT_OUT_OF_PYTHON: Readonly<Record<string, string>> = {
  _bz2: "libbz2-dev",
  _ctypes: "libffi-dev",
  _curses: "libncurses-dev",
  _dbm: "libgdbm-compat-dev",
  _gdbm: "libgdbm-dev",
  _lzma: "liblzma-dev",
  _sqlite3: "libsqlite3-dev",
  _ssl: "libssl-dev",
  _tkinter: "tk-dev",
  _uuid: "uuid-dev",
  readline: "libreadline-dev",
  zlib: "zlib1g-dev",
};

/** What the files that do not collect lack, and that they do not collect. */
export function examineCollection({ errors, tests }: ImportFacts): readonly Finding[] {
  if (errors.length === 0) {
    const text = `${formatCount(tests, "test")} in files that all collect`;
    return [{ level: "fine", topic: "collecting", text, remedy: "" }];
  }
  const named = (pattern: RegExp) =>
    [...new Set(errors.flatMap(([, text]) => [...text.matchAll(pattern)].map((each) => each[1] ?? "")))].toSorted();
  const modules = named(/No module named '([\w.]+)'/g);
  const first = errors[0]?.[0] ?? "";
  const what =
    errors.length === 1
      ? `${first} does not collect`
      : `${formatNumber(errors.length)} files do not collect, ${first} is one`;
  return [
    ...[...new Set(MISSING_LIBRARY.flatMap(named))].map(missingLibrary),
    ...modules.filter((name) => name in LEFT_OUT_OF_PYTHON).map(leftOutOfPython),
    ...named(/No such file or directory: '([\w.+-]+)'$/gm)
      .filter((name) => !name.includes("."))
      .map(missingProgram),
    ...modules.filter((name) => !(name in LEFT_OUT_OF_PYTHON)).map(missingPackage),
    { level: "soon", topic: "collecting", text: what, remedy: "prewarm run --no-daemon      shows why" },
  ];
}

function missingLibrary(library: string): Finding {
  const name = SYSTEM_PACKAGES[library];
  return {
    level: "in-the-way",
    topic: "libraries",
    text: `the system has no ${library}, which an import needs`,
    remedy: name === undefined ? `apt-file search ${library}` : `sudo apt-get install ${name}`,
  };
}

function leftOutOfPython(module: string): Finding {
  const name = LEFT_OUT_OF_PYTHON[module];
  return {
    level: "in-the-way",
    topic: "libraries",
    text: `this Python was built without ${module}, which an import needs`,
    remedy:
      module === "_tkinter"
        ? `sudo apt-get install python3-tk for the system's Python, or ${name} and build Python anew`
        : `sudo apt-get install ${name}, and build Python anew`,
  };
}

function missingProgram(program: string): Finding {
  return {
    level: "in-the-way",
    topic: "programs",
    text: `the system has no ${program}, which an import starts`,
    remedy: `apt-file search -x 'bin/${program}$'`,
  };
}

function missingPackage(module: string): Finding {
  const top = module.split(".", 1)[0] ?? module;
  return {
    level: "soon",
    topic: "packages",
    text: `there is no module ${module}, which an import needs`,
    remedy: `python -m pip install ${top}, or the package that has it; of the project's own: pythonpath in pytest's configuration`,
  };
}
