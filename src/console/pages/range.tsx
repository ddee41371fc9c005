import { route, setQuery } from './router.ts';

const RANGES = [
  ['1h', '1 hour', 3_600],
  ['3h', '3 hours', 3 * 3_600],
  ['12h', '12 hours', 12 * 3_600],
  ['1d', '1 day', 86_400],
  ['3d', '3 days', 3 * 86_400],
  ['1w', '1 week', 7 * 86_400],
  ['4w', '4 weeks', 28 * 86_400],
  ['12w', '12 weeks', 84 * 86_400],
] as const;

export type RangeId = (typeof RANGES)[number][0];

/** The range in the address. */
export function rangeOf(fallback: RangeId): { readonly id: RangeId; readonly seconds: number } {
  const wanted = route.value.query['range'];
  const [id, , seconds] =
    RANGES.find(([one]) => one === wanted) ?? RANGES.find(([one]) => one === fallback) ?? RANGES[0];
  return { id, seconds };
}

export function RangeChoice({ fallback }: { readonly fallback: RangeId }) {
  const { id } = rangeOf(fallback);
  return (
    <span class="seg" role="group" aria-label="Range">
      {RANGES.map(([one, title]) => (
        <button
          key={one}
          type="button"
          class="small"
          aria-pressed={one === id}
          title={`The last ${title}`}
          onClick={() => setQuery({ range: one === fallback ? undefined : one })}
        >
          {one}
        </button>
      ))}
    </span>
  );
}
