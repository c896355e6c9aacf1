const WIDTH = 120;
const HEIGHT = 20;

/** Some values as a small curve, the oldest at the left. */
export function Spark({ values }: { readonly values: readonly number[] }) {
  const most = Math.max(...values, 0.001);
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values.map((value, at) => `${at * step},${HEIGHT - 2 - (value / most) * (HEIGHT - 4)}`).join(" ");
  return (
    <svg class="spark" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <polyline points={points} />
    </svg>
  );
}
