/** A metric and what is asked of it. */
export interface MetricQuery {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `Sum`, `Average`, `Maximum`, `p99`, ... */
  readonly statistic: string;
}

/** MetricDataQueries of GetMetricData, with the ids `m0`, `m1`, ... in the order of the queries. */
export function metricDataQueries(queries: readonly MetricQuery[], periodSeconds: number): object[] {
  return queries.map(({ namespace, name, dimensions, statistic }, at) => ({
    Id: `m${at}`,
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: name,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: periodSeconds,
      Stat: statistic,
    },
  }));
}
