/** A duration as a person reads it: `38 ms`, `0.71 s`, `12.4 s`, `2 min 14 s`. */
export function formatTime(durationMs: number): string {
  if (durationMs < 99.5) return `${Math.round(durationMs)} ms`;
  if (durationMs < 9_995) return `${(durationMs / 1000).toFixed(2)} s`;
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`;
  return formatMinutes(durationMs);
}

/** A span that nobody needs exactly: `3 s`, `36 s`, `2 min`, `1 h 5 min`. */
export function formatAge(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return joinUnits(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

/** A span to the second: `53 s`, `1 min 53 s`, `2 h 3 min`. */
export function formatSpan(durationMs: number): string {
  if (durationMs < 59_500) return `${Math.round(durationMs / 1000)} s`;
  return durationMs < 3_599_500 ? formatMinutes(durationMs) : formatAge(durationMs);
}

/** The time of day of a moment, as `14:03:07` in the machine's own zone. */
export function formatClock(moment: Date): string {
  return [moment.getHours(), moment.getMinutes(), moment.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}

function formatMinutes(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  return joinUnits(Math.floor(seconds / 60), "min", seconds % 60, "s");
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
