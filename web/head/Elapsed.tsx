import { useSignal, useSignalEffect } from "@preact/signals";
import { formatTime } from "../../src/report/format-time.ts";

/** The time since a moment, as it goes. */
export function Elapsed({ sinceMs }: { readonly sinceMs: number }) {
  const nowMs = useSignal(Date.now());
  useSignalEffect(() => {
    const timer = setInterval(() => {
      nowMs.value = Date.now();
    }, 100);
    return () => clearInterval(timer);
  });
  return <>{formatTime(Math.max(0, nowMs.value - sinceMs))}</>;
}
