import { Command } from 'commander';
import type { AlarmHistoryItem, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { serverOf, withServer, type RunningServer, type ServerFlags } from '../api.ts';
import { cloudWatch } from '../metrics/metric-data.ts';
import { printResult, printRows, withJson, withRows, type OutputFlags } from '../output/output.ts';
import { parseWhole } from '../output/units.ts';
import { CommandError, exitCodes, type Terminal } from '../terminal.ts';

type Flags = ServerFlags & OutputFlags;
/** Times are seconds since the epoch in JSON. */
type Alarm = Omit<MetricAlarm, 'StateUpdatedTimestamp'> & { readonly StateUpdatedTimestamp?: number };
type Item = Omit<AlarmHistoryItem, 'Timestamp'> & { readonly Timestamp?: number };

const WORST_FIRST: readonly (string | undefined)[] = ['ALARM', 'INSUFFICIENT_DATA', 'OK'];

function rank({ StateValue }: Alarm): number {
  return WORST_FIRST.indexOf(StateValue);
}

/** `nagare alarm`: the alarms of CloudWatch. */
export function alarmCommand(terminal: Terminal): Command {
  return new Command('alarm')
    .description('list, test and silence alarms')
    .addCommand(listCommand(terminal))
    .addCommand(describeCommand(terminal))
    .addCommand(historyCommand(terminal))
    .addCommand(testCommand(terminal))
    .addCommand(actionsCommand(terminal, 'mute', 'stop the actions of an alarm; its state still changes'))
    .addCommand(actionsCommand(terminal, 'unmute', 'let an alarm act again'));
}

function listCommand(terminal: Terminal): Command {
  const command = new Command('list').alias('ls').description('list alarms, those in alarm first');
  return withServer(withRows(command)).action(async (flags: Flags) => {
    const alarms = await alarmsOf(await serverOf(flags, terminal));
    const columns = [
      { title: 'state', of: (alarm: Alarm) => alarm.StateValue },
      { title: 'alarm', of: (alarm: Alarm) => alarm.AlarmName },
      { title: 'actions', of: (alarm: Alarm) => (alarm.ActionsEnabled === false ? 'muted' : 'on') },
      {
        title: 'since',
        of: ({ StateUpdatedTimestamp: at }: Alarm) => at && new Date(at * 1000).toISOString(),
      },
      { title: 'reason', of: (alarm: Alarm) => alarm.StateReason },
    ];
    printRows(
      terminal,
      flags,
      columns,
      alarms.toSorted((a, b) => rank(a) - rank(b)),
    );
  });
}

function describeCommand(terminal: Terminal): Command {
  const command = new Command('describe')
    .alias('info')
    .description('show an alarm as JSON')
    .argument('<name>');
  return withServer(withJson(command)).action(async (name: string, flags: Flags) => {
    terminal.print(JSON.stringify(await alarmOf(await serverOf(flags, terminal), name), null, 2));
  });
}

function historyCommand(terminal: Terminal): Command {
  const command = new Command('history')
    .description('list what happened to an alarm, newest first: states, actions and changes')
    .argument('<name>')
    .option('--limit <number>', 'at most so many (default: 50)', parseWhole(1));
  return withServer(withRows(command)).action(
    async (name: string, flags: Flags & { readonly limit?: number }) => {
      const server = await serverOf(flags, terminal);
      await alarmOf(server, name);
      const items: Item[] = [];
      const limit = flags.limit ?? 50;
      let NextToken: string | undefined;
      do {
        const input = { AlarmName: name, MaxRecords: Math.min(100, limit - items.length), NextToken };
        const page: { AlarmHistoryItems?: Item[]; NextToken?: string } = await cloudWatch(
          server,
          'DescribeAlarmHistory',
          input,
        );
        items.push(...(page.AlarmHistoryItems ?? []));
        NextToken = page.NextToken;
      } while (NextToken !== undefined && items.length < limit);
      const columns = [
        { title: 'time', of: ({ Timestamp: at }: Item) => at && new Date(at * 1000).toISOString() },
        { title: 'what', of: (item: Item) => item.HistoryItemType },
        { title: 'summary', of: (item: Item) => item.HistorySummary },
      ];
      printRows(terminal, flags, columns, items);
    },
  );
}

function testCommand(terminal: Terminal): Command {
  const command = new Command('test')
    .description('put an alarm into alarm until its next evaluation, so that its actions happen')
    .argument('<name>');
  return withServer(withJson(command)).action(async (name: string, flags: Flags) => {
    const server = await serverOf(flags, terminal);
    const { ActionsEnabled, AlarmActions = [], StateValue } = await alarmOf(server, name);
    if (StateValue === 'ALARM')
      throw new CommandError(`${name} is in alarm already`, { remedy: `nagare alarm history ${name}` });
    const StateReason = 'tested with nagare alarm test';
    await cloudWatch(server, 'SetAlarmState', { AlarmName: name, StateValue: 'ALARM', StateReason });
    const actions =
      ActionsEnabled === false ? 'muted, so nothing is told' : `tells ${AlarmActions.join(', ') || 'nobody'}`;
    printResult(terminal, flags, `${name} is in alarm until its next evaluation; ${actions}`, {
      AlarmName: name,
      AlarmActions,
    });
  });
}

function actionsCommand(terminal: Terminal, verb: 'mute' | 'unmute', description: string): Command {
  const command = new Command(verb).description(description).argument('<name>');
  return withServer(withJson(command)).action(async (name: string, flags: Flags) => {
    const server = await serverOf(flags, terminal);
    await alarmOf(server, name);
    const operation = verb === 'mute' ? 'DisableAlarmActions' : 'EnableAlarmActions';
    await cloudWatch(server, operation, { AlarmNames: [name] });
    printResult(terminal, flags, `${name} is ${verb}d`, {
      AlarmName: name,
      ActionsEnabled: verb === 'unmute',
    });
  });
}

async function alarmsOf(server: RunningServer): Promise<Alarm[]> {
  const alarms: Alarm[] = [];
  let NextToken: string | undefined;
  do {
    const page: { MetricAlarms?: Alarm[]; CompositeAlarms?: Alarm[]; NextToken?: string } = await cloudWatch(
      server,
      'DescribeAlarms',
      { AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], MaxRecords: 100, NextToken },
    );
    alarms.push(...(page.MetricAlarms ?? []), ...(page.CompositeAlarms ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return alarms;
}

/** CloudWatch ignores unknown names. */
async function alarmOf(server: RunningServer, name: string): Promise<Alarm> {
  const input = { AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] };
  const page = await cloudWatch<{ MetricAlarms?: Alarm[]; CompositeAlarms?: Alarm[] }>(
    server,
    'DescribeAlarms',
    input,
  );
  const [alarm] = [...(page.MetricAlarms ?? []), ...(page.CompositeAlarms ?? [])];
  if (alarm !== undefined) return alarm;
  throw new CommandError(`there is no alarm ${name}`, {
    exitCode: exitCodes.notFound,
    remedy: 'nagare alarm ls',
  });
}
