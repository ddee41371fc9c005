import { Command, Option } from 'commander';
import { serverOf, withServer, type ServerFlags } from '../api.ts';
import { printRows, withRows, type OutputFlags } from '../output/output.ts';
import { numberText, parseDurationMs, parseWhole, timeMsOf } from '../output/units.ts';
import { CommandError, exitCodes, type Terminal, usageError } from '../terminal.ts';
import { graph } from './graph.ts';
import { cloudWatch, metricData, type Point } from './metric-data.ts';

interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
}

type ListFlags = ServerFlags & OutputFlags & { readonly name?: string };
type GetFlags = ServerFlags &
  OutputFlags & {
    readonly dimension: readonly string[];
    readonly statistic: string;
    readonly since: number;
    readonly until?: string;
    readonly period: number;
    readonly graph?: true;
  };

/** `nagare metrics`: the metrics of CloudWatch. */
export function metricsCommand(terminal: Terminal): Command {
  return new Command('metrics')
    .description('list metrics of CloudWatch, and print or draw their values')
    .addCommand(listCommand(terminal))
    .addCommand(getCommand(terminal));
}

function listCommand(terminal: Terminal): Command {
  const command = new Command('list')
    .alias('ls')
    .description('list metrics with samples')
    .argument('[namespace]', 'such as AWS/Kinesis')
    .option('--name <metric>', 'only this metric');
  return withServer(withRows(command)).action(async (namespace: string | undefined, flags: ListFlags) => {
    const server = await serverOf(flags, terminal);
    const metrics: Metric[] = [];
    let NextToken: string | undefined;
    do {
      const input = { Namespace: namespace, MetricName: flags.name, NextToken };
      const page: { Metrics?: Metric[]; NextToken?: string } = await cloudWatch(server, 'ListMetrics', input);
      metrics.push(...(page.Metrics ?? []));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    const columns = [
      { title: 'namespace', of: (metric: Metric) => metric.Namespace },
      { title: 'metric', of: (metric: Metric) => metric.MetricName },
      {
        title: 'dimensions',
        of: ({ Dimensions = [] }: Metric) =>
          Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).join(' '),
      },
    ];
    printRows(terminal, flags, columns, metrics);
  });
}

function getCommand(terminal: Terminal): Command {
  const command = new Command('get')
    .description('print or draw the values of a metric')
    .argument('<namespace>', 'such as AWS/Kinesis')
    .argument('<metric>', 'such as IncomingRecords')
    .addOption(
      new Option('-d, --dimension <name=value>', 'may be repeated').argParser(collect).default([], 'none'),
    )
    .option(
      '--statistic <name>',
      'Sum, Average, Minimum, Maximum, SampleCount, or an extended statistic such as p99, tm90 or PR(:300)',
      'Sum',
    )
    .addOption(
      new Option('--since <duration>', 'how far back').argParser(parseDurationMs).default(3_600_000, '1h'),
    )
    .option('--until <time>', 'the end: a time, or how long ago')
    .addOption(new Option('--period <seconds>', 'of one value').argParser(parseWhole(1)).default(60))
    .option('--graph', 'draw the values')
    .addHelpText(
      'after',
      '\nExample:\n  nagare metrics get AWS/Kinesis IncomingRecords -d StreamName=orders --graph',
    );
  return withServer(withRows(command)).action(async (namespace: string, name: string, flags: GetFlags) => {
    const server = await serverOf(flags, terminal);
    const nowMs = Date.now();
    const endMs = flags.until === undefined ? nowMs : timeMsOf(flags.until, nowMs);
    if (endMs === undefined)
      throw usageError(`--until is "${flags.until}"; it must be a time, or how long ago`);
    const range = { startMs: endMs - flags.since, endMs, periodSeconds: flags.period };
    const request = {
      namespace,
      name,
      dimensions: dimensionsOf(flags.dimension),
      statistic: flags.statistic,
    };
    const [points = []] = await metricData(server, [request], range);
    if (points.length === 0) {
      throw new CommandError(`${namespace} ${name} has no samples there`, {
        exitCode: exitCodes.notFound,
        why: 'dimensions must be all of the metric',
        remedy: `nagare metrics ls ${namespace} --name ${name}`,
      });
    }
    if (flags.graph === true)
      return terminal.print(graph(points, { ...range, width: terminal.columns ?? 100 }));
    const columns = [
      { title: 'time', of: ({ timeMs }: Point) => new Date(timeMs).toISOString() },
      {
        title: flags.statistic,
        align: 'right' as const,
        of: ({ value }: Point) => valueText(value, terminal),
      },
    ];
    printRows(terminal, flags, columns, points);
  });
}

function valueText(value: number, { columns }: Terminal): string {
  return columns === undefined ? String(value) : numberText(value, 3);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function dimensionsOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw usageError(`--dimension is "${text}"; it must be name=value`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
