/** Says that other programs want the processors as well; undefined where they do not. `load` is the load average before the run. */
export function warnOfLoad(load: number, cores: number): string | undefined {
  if (load <= cores) return undefined;
  return `the machine was busy before (load ${load.toFixed(1)} on ${cores === 1 ? "1 core" : `${cores} cores`}): tests that compute may look as if they waited`;
}
