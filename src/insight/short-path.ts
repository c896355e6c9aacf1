/** A path as it is read in a project: below its root, or from the package on where it is installed. */
export function shortPath(path: string, root: string): string {
  if (/\/(?:site|dist)-packages\//.test(path)) return path.replace(/^.*\/(?:site|dist)-packages\//, "");
  if (path.startsWith(`${root}/`)) return path.slice(root.length + 1);
  return path.replace(/^.*\/lib\/python3\.\d+\//, "");
}
