import { metricDataQueries, type MetricQuery } from '../../support/metric-queries.ts';
import { call, type RunningServer } from '../api.ts';

export interface MetricRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly periodSeconds: number;
}

export interface Point {
  readonly timeMs: number;
  readonly value: number;
}

interface Page {
  readonly MetricDataResults?: readonly {
    readonly Id: string;
    readonly Timestamps?: readonly number[];
    readonly Values?: readonly number[];
  }[];
  readonly NextToken?: string;
}

/** Calls an operation of CloudWatch. Rejects with CommandError. */
export function cloudWatch<Output>(server: RunningServer, operation: string, input: object): Promise<Output> {
  return call<Output>(server, 'monitoring', `GraniteServiceVersion20100801.${operation}`, input);
}

/** The values of metrics, in the order of the requests, oldest first; periods without samples are absent. */
export async function metricData(
  server: RunningServer,
  requests: readonly MetricQuery[],
  { startMs, endMs, periodSeconds }: MetricRange,
): Promise<Point[][]> {
  const series: Point[][] = requests.map(() => []);
  const MetricDataQueries = metricDataQueries(requests, periodSeconds);
  let NextToken: string | undefined;
  do {
    const page: Page = await cloudWatch<Page>(server, 'GetMetricData', {
      MetricDataQueries,
      StartTime: Math.floor(startMs / 1000),
      EndTime: Math.ceil(endMs / 1000),
      ScanBy: 'TimestampAscending',
      NextToken,
    });
    for (const { Id, Timestamps = [], Values = [] } of page.MetricDataResults ?? []) {
      const points = series[Number(Id.slice(1))];
      for (const [at, time] of Timestamps.entries())
        points?.push({ timeMs: time * 1000, value: Values[at] ?? 0 });
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return series;
}

/** Of the stream's metrics in CloudWatch. */
export function ofStream(stream: string, name: string, statistic: string): MetricQuery {
  return { namespace: 'AWS/Kinesis', name, dimensions: { StreamName: stream }, statistic };
}

export function sumOf(points: readonly Point[] = []): number {
  return points.reduce((sum, { value }) => sum + value, 0);
}

/** Undefined if there are no samples. */
export function maximumOf(points: readonly Point[] = []): number | undefined {
  return points.length === 0 ? undefined : Math.max(...points.map(({ value }) => value));
}
