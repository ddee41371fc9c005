import { duration, number } from './format.ts';
import { type MetricChart, MetricCharts, type MetricLine, timesOfCalls } from './metric-charts.tsx';

/** How a function has run in the last hours or weeks. */
export function FunctionMetrics({ name }: { readonly name: string }) {
  return (
    <section class="stack" aria-labelledby="function-metrics">
      <h2 id="function-metrics">{name}</h2>
      <MetricCharts charts={chartsOf(name)} />
    </section>
  );
}

function chartsOf(functionName: string): MetricChart[] {
  const of = (name: string) => ({
    namespace: 'AWS/Lambda',
    name,
    dimensions: { FunctionName: functionName },
  });
  const line = (label: string, name: string, statistic: string, isRate = false): MetricLine => ({
    label,
    metric: { ...of(name), statistic },
    isRate,
  });
  return [
    {
      title: 'Invocations',
      text: (value) => `${number(value)} /s`,
      lines: [
        line('all', 'Invocations', 'Sum', true),
        line('failed', 'Errors', 'Sum', true),
        line('throttled', 'Throttles', 'Sum', true),
      ],
    },
    {
      title: 'Duration',
      text: duration,
      lines: timesOfCalls(of('Duration')),
    },
    {
      title: 'Lag of its mappings',
      text: duration,
      lines: [line('the most', 'IteratorAge', 'Maximum'), line('99 %', 'IteratorAge', 'p99')],
    },
    {
      title: 'At the same time',
      text: number,
      lines: [line('the most', 'ConcurrentExecutions', 'Maximum')],
    },
  ];
}
