import type { RunningServer } from '../api.ts';
import type { MetricQuery } from '../../support/metric-queries.ts';
import { metricData, ofStream } from '../metrics/metric-data.ts';
import { consumersOf } from '../stream/kinesis.ts';

/** How far back a reader must have read to be one. */
export const WINDOW_MS = 3 * 60_000;

export interface ReaderAge {
  readonly reader: string;
  readonly ageMs: number;
}

/** Of those that read by GetRecords, together, and of registered consumers. */
export async function readerAges(server: RunningServer, name: string, arn: string): Promise<ReaderAge[]> {
  const consumers = (await consumersOf(server, arn)).map(({ ConsumerName = '' }) => ConsumerName);
  const requests: MetricQuery[] = [
    ofStream(name, 'GetRecords.IteratorAgeMilliseconds', 'Maximum'),
    ...consumers.map((ConsumerName) => ({
      ...ofStream(name, 'SubscribeToShardEvent.MillisBehindLatest', 'Maximum'),
      dimensions: { StreamName: name, ConsumerName },
    })),
  ];
  const endMs = Date.now();
  const series = await metricData(server, requests, { startMs: endMs - WINDOW_MS, endMs, periodSeconds: 60 });
  // The newest period: an age that was high before may be low now.
  return series.flatMap((points, at) => {
    const newest = points.at(-1);
    const reader = at === 0 ? 'GetRecords' : `consumer ${consumers[at - 1]}`;
    return newest === undefined ? [] : [{ reader, ageMs: newest.value }];
  });
}
