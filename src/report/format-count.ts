/** A number with its thousands apart: `9,986`. */
export function formatNumber(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** A number and its noun: `1 test`, `2 tests`, `1,204 files`. */
export function formatCount(value: number, noun: string): string {
  return `${formatNumber(value)} ${noun}${value === 1 ? "" : "s"}`;
}

const MEBIBYTE = 1024 * 1024;

/** A size as a person reads it: `3.1 MiB`, `296 MiB`. */
export function formatSize(bytes: number): string {
  const mebibytes = bytes / MEBIBYTE;
  return `${mebibytes < 10 ? mebibytes.toFixed(1) : formatNumber(Math.round(mebibytes))} MiB`;
}
