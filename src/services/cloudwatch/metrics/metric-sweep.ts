import { cloudWatchLimits } from '../limits.ts';
import type { Engine } from '../../../engine/engine.ts';
import type { Table } from '../../../engine/catalog.ts';
import type { MetricRow, RecentSeries } from './series.ts';
import { tiers } from './tiers.ts';

const METRICS_AT_ONCE = 256;

/** Trims samples that no tier keeps any longer, and removes metrics without samples. None are added meanwhile. */
export async function sweep(
  engine: Engine,
  rows: Table<MetricRow>,
  recent: RecentSeries,
  nowMs: number,
  ending: AbortSignal,
): Promise<void> {
  const all = [...rows.entries()];
  for (let first = 0; first < all.length; first += METRICS_AT_ONCE) {
    if (ending.aborted) return;
    const some = all.slice(first, first + METRICS_AT_ONCE);
    const dead = some.filter(([key]) => {
      const lastMs = recent.lastSampleMs(key);
      return lastMs > 0 && lastMs < nowMs - cloudWatchLimits.metricHourRetentionMs;
    });
    const alive = some.filter((entry) => !dead.includes(entry));
    await Promise.all(alive.map(([, row]) => trimTiers(engine, row, nowMs)));
    if (dead.length === 0) continue;
    await engine.catalog.commit((transaction) => {
      for (const [key] of dead) transaction.delete(rows, key);
    });
    for (const [key] of dead) recent.forget(key);
    await Promise.all(dead.flatMap(([, row]) => Object.values(row.logs).map((log) => engine.drop(log))));
  }
}

/** Blocks may be at most this much earlier than the times of their samples. */
async function trimTiers(engine: Engine, row: MetricRow, nowMs: number): Promise<void> {
  for (const { name, retentionMs } of tiers) {
    const log = row.logs[name];
    const { firstIndex, nextIndex } = engine.bounds(log);
    if (firstIndex === nextIndex) continue;
    const before = await engine.locate(log, nowMs - retentionMs - cloudWatchLimits.metricFutureMs);
    if (before > firstIndex) await engine.trim(log, before);
  }
}
