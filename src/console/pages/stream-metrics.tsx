import { bytes, duration, number } from './format.ts';
import { type MetricChart, MetricCharts, type MetricLine, timesOfCalls } from './metric-charts.tsx';

/** What a stream has done in the last hours or weeks. */
export function StreamMetrics({ stream }: { readonly stream: string }) {
  return <MetricCharts charts={chartsOf(stream)} />;
}

function chartsOf(stream: string): MetricChart[] {
  const of = (name: string) => ({ namespace: 'AWS/Kinesis', name, dimensions: { StreamName: stream } });
  const line = (label: string, name: string, statistic: string, isRate = false): MetricLine => ({
    label,
    metric: { ...of(name), statistic },
    isRate,
  });
  return [
    {
      title: 'Records',
      text: (value) => `${number(value)} /s`,
      lines: [
        line('put', 'IncomingRecords', 'Sum', true),
        line('read by GetRecords', 'GetRecords.Records', 'Sum', true),
      ],
    },
    {
      title: 'Bytes',
      text: (value) => `${bytes(value)}/s`,
      lines: [
        line('put', 'IncomingBytes', 'Sum', true),
        line('read by GetRecords', 'GetRecords.Bytes', 'Sum', true),
      ],
    },
    ...['PutRecords', 'PutRecord', 'GetRecords'].map((operation) => ({
      title: `Latency of ${operation}`,
      text: duration,
      lines: timesOfCalls(of(`${operation}.Latency`)),
    })),
    {
      title: 'Refused records',
      text: (value) => `${number(value)} /s`,
      lines: [
        line('throttled puts', 'WriteProvisionedThroughputExceeded', 'Sum', true),
        line('failed in PutRecords', 'PutRecords.FailedRecords', 'Sum', true),
        line('throttled reads', 'ReadProvisionedThroughputExceeded', 'Sum', true),
      ],
    },
    {
      title: 'Lag of polling readers',
      text: duration,
      lines: [
        line('the slowest', 'GetRecords.IteratorAgeMilliseconds', 'Maximum'),
        line('99 %', 'GetRecords.IteratorAgeMilliseconds', 'p99'),
      ],
    },
  ];
}
