import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  GetFunctionConfigurationCommand,
  type LoggingConfig,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { isLogged } from '../../../../src/services/lambda/runtime/application-level.ts';
import { until } from '../../../support/until.ts';
import { createFunction, invoke, printed, sharedLambda, zip } from '../lambda-server.ts';

type Line = Readonly<Record<string, unknown>>;

function hasPython(): boolean {
  try {
    return execFileSync('python3', ['--version']).length > 0;
  } catch {
    return false;
  }
}

/** Lines that are not JSON as `{ text }`. */
function parsed(lines: readonly string[]): Line[] {
  return lines.map((line) => (line.startsWith('{') ? (JSON.parse(line) as Line) : { text: line }));
}

const recordOf = (line: Line | undefined) => (line?.['record'] ?? {}) as Line;

const typesOf = (lines: readonly Line[]) => lines.flatMap(({ type }) => (type === undefined ? [] : [type]));

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('functions whose log format is JSON', () => {
  const shared = sharedLambda();

  const logged = async (name: string, source: string, config: LoggingConfig, event: unknown = {}) => {
    await createFunction(shared(), name, source, { LoggingConfig: { LogFormat: 'JSON', ...config } });
    await invoke(shared(), name, event);
    return await storedOf(name);
  };

  /** The log is written after the response. */
  const storedOf = async (name: string) => {
    const stored = () => printed(shared(), name).catch(() => []);
    await until(async () => (await stored()).at(-1)?.includes('platform.report') ?? false);
    return parsed(await stored());
  };

  test('get platform events and one object for each call of console', async () => {
    const lines = await logged(
      'json',
      `export const handler = () => {
        console.log('two', { n: 1 });
        console.info({ n: 2 });
        console.debug('left out');
        console.warn('a\\nb');
        console.error('failed:', new RangeError('no'));
        console.error(new RangeError('alone'));
        const { AWS_LAMBDA_LOG_FORMAT, AWS_LAMBDA_LOG_LEVEL } = process.env;
        console.fatal([AWS_LAMBDA_LOG_FORMAT, AWS_LAMBDA_LOG_LEVEL]);
      }`,
      {},
    );
    assert.deepEqual(typesOf(lines), ['platform.start', 'platform.report']);
    const [start, ...rest] = lines;
    const { requestId } = recordOf(start);
    assert.match(String(start?.['time']), TIME);
    assert.deepEqual(start?.['record'], { requestId, version: '$LATEST' });
    const report = recordOf(rest.pop());
    assert.deepEqual([report['requestId'], report['status']], [requestId, 'success']);
    const metrics = report['metrics'] as Record<string, number>;
    assert.equal(metrics['memorySizeMB'], 128);
    assert.ok(Number(metrics['billedDurationMs']) >= Number(metrics['durationMs']));
    assert.ok(Number(metrics['initDurationMs']) > 0);
    for (const line of rest) {
      assert.match(String(line['timestamp']), TIME);
      assert.equal(line['requestId'], requestId);
    }
    const [, , , failed, alone, fatal] = rest;
    assert.deepEqual(
      rest.slice(0, 3).map(({ level, message }) => [level, message]),
      [
        ['INFO', 'two { n: 1 }'],
        ['INFO', { n: 2 }],
        ['WARN', 'a\nb'],
      ],
    );
    assert.deepEqual(
      [failed?.['level'], failed?.['errorType'], failed?.['errorMessage']],
      ['ERROR', 'RangeError', 'no'],
    );
    assert.match(String(failed?.['message']), /^failed: RangeError: no\n/);
    const { errorType, errorMessage } = (alone?.['message'] ?? {}) as Line;
    assert.deepEqual([errorType, errorMessage], ['RangeError', 'alone']);
    assert.deepEqual([fatal?.['level'], fatal?.['message']], ['FATAL', ['JSON', 'INFO']]);
  });

  test('leave out lower levels, of Lambda and of the function', async () => {
    const source = `
      console.debug('loading');
      export const handler = ({ fails }) => {
        console.log('left out');
        process.stdout.write('plain\\n{"level":"debug","n":1}\\n{"level":"error","n":2}\\n');
        if (fails) throw new TypeError('no');
      }`;
    const detailed = await logged('detailed', source, {
      ApplicationLogLevel: 'TRACE',
      SystemLogLevel: 'DEBUG',
    });
    assert.deepEqual(typesOf(detailed), [
      'platform.initStart',
      'platform.initRuntimeDone',
      'platform.initReport',
      'platform.start',
      'platform.runtimeDone',
      'platform.report',
    ]);
    assert.ok(detailed.some(({ text }) => text === 'plain'));
    assert.ok(detailed.some(({ message }) => message === 'loading'));
    const least = { ApplicationLogLevel: 'ERROR', SystemLogLevel: 'WARN' } as const;
    const terse = await logged('terse', source, least, { fails: true });
    assert.deepEqual(
      terse.map(({ type, level, n, errorType }) => [type ?? level, n ?? errorType]),
      [
        ['error', 2],
        ['ERROR', 'TypeError'],
        ['platform.runtimeDone', undefined],
        ['platform.report', undefined],
      ],
    );
    const { status, errorType } = recordOf(terse.at(-1));
    assert.deepEqual([status, errorType], ['error', 'TypeError']);
  });

  test('say why their code could not be loaded', async () => {
    const lines = await logged('broken', 'throw new Error("no");', { SystemLogLevel: 'WARN' });
    assert.deepEqual(typesOf(lines), [
      'platform.initRuntimeDone',
      'platform.initReport',
      'platform.runtimeDone',
      'platform.report',
    ]);
  });

  test('in Python get one object for each record', { skip: !hasPython() && 'no python3' }, async () => {
    const main = `
import logging
def handler(event, context):
    log = logging.getLogger("own")
    log.debug("left out")
    log.info("a %s", "b", extra={"order": 7})
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("failed")
    raise ValueError("no")
`;
    await createFunction(shared(), 'json-py', '', {
      Runtime: 'python3.13',
      Handler: 'main.handler',
      Code: { ZipFile: zip({ 'main.py': main }) },
      LoggingConfig: { LogFormat: 'JSON' },
    });
    await invoke(shared(), 'json-py');
    const lines = await storedOf('json-py');
    const { requestId } = recordOf(lines[0]);
    const [info, failed, raised] = lines.slice(1);
    assert.match(String(info?.['timestamp']), TIME);
    const { timestamp: _, ...told } = info ?? {};
    assert.deepEqual(told, { level: 'INFO', message: 'a b', logger: 'own', requestId, order: 7 });
    assert.deepEqual([failed?.['level'], failed?.['errorType']], ['ERROR', 'ZeroDivisionError']);
    assert.match(String(failed?.['location']), /main\.py:handler:10$/);
    assert.deepEqual(
      [raised?.['log_level'], raised?.['errorType'], raised?.['errorMessage'], raised?.['requestId']],
      ['ERROR', 'ValueError', 'no', requestId],
    );
    const { status, errorType } = recordOf(lines.at(-1));
    assert.deepEqual([status, errorType], ['error', 'ValueError']);
  });

  test('write into the log group that they name', async () => {
    const group = '/shared/functions';
    await createFunction(
      shared(),
      'grouped',
      'export const handler = async () => process.env.AWS_LAMBDA_LOG_GROUP_NAME;',
      { LoggingConfig: { LogGroup: group } },
    );
    assert.equal((await invoke(shared(), 'grouped')).payload, group);
    const names = async () => {
      const { logGroups = [] } = await shared().logs.send(new DescribeLogGroupsCommand({}));
      return logGroups.map(({ logGroupName }) => logGroupName);
    };
    await until(async () => (await names()).includes(group));
    assert.ok(!(await names()).includes('/aws/lambda/grouped'));
  });

  test('show and change their settings; levels need the format JSON', async () => {
    const server = shared();
    const shown = async () =>
      (await server.client.send(new GetFunctionConfigurationCommand({ FunctionName: 'changed' })))
        .LoggingConfig;
    const update = (config: LoggingConfig) =>
      server.client.send(
        new UpdateFunctionConfigurationCommand({ FunctionName: 'changed', LoggingConfig: config }),
      );
    await createFunction(server, 'changed', 'export const handler = () => 1;');
    const own = '/aws/lambda/changed';
    assert.deepEqual(await shown(), { LogFormat: 'Text', LogGroup: own });
    const refusal = {
      name: 'InvalidParameterValueException',
      message:
        'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change the ' +
        'LogFormat to "JSON" and try again.',
    };
    await assert.rejects(update({ SystemLogLevel: 'DEBUG' }), refusal);
    await assert.rejects(update({ LogFormat: 'Text', ApplicationLogLevel: 'INFO' }), refusal);
    await update({ LogFormat: 'JSON', ApplicationLogLevel: 'FATAL' });
    const json = { LogFormat: 'JSON', ApplicationLogLevel: 'FATAL', SystemLogLevel: 'INFO' };
    assert.deepEqual(await shown(), { ...json, LogGroup: own });
    await update({ LogGroup: 'other' });
    await server.restart();
    assert.deepEqual(await shown(), { ...json, LogGroup: 'other' });
    await update({ LogFormat: 'Text', LogGroup: own });
    assert.deepEqual(await shown(), { LogFormat: 'Text', LogGroup: own });
  });
});

test('the level of a line is the one in its JSON object, INFO otherwise', () => {
  assert.deepEqual(
    [
      '{"level":"warning"}',
      '{"level":"Critical"}',
      '{"level":30}',
      '{"level":"info"}',
      '{broken',
      'text',
    ].map((line) => isLogged(line, 'WARN')),
    [true, true, false, false, false, false],
  );
});
