/**
 * What isolation costs: an invocation that starts a process (cold) and one that finds it waiting (warm), for servers
 * with `--function-isolation off` and each level that can be had here, in turns, in one run. Milliseconds that the
 * client waits, and how many times those of `off`.
 *
 *     npx node bench/functions.ts [cold invocations, 25] [rounds of 200 warm ones, 15]
 */
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';
import { availableParallelism } from 'node:os';
import { median } from './support/load.ts';
import { startNagare, type Running } from './support/processes.ts';

const [colds = 25, warmRounds = 15] = process.argv.slice(2).map(Number);
const WARM_A_ROUND = 200;
const FUNCTION_NAME = 'f';
const handlers: Readonly<Record<string, string>> = {
  JavaScript: `export const handler = async (event) => event;`,
  'TypeScript, one module more': `import { answer } from './answer.ts'; export const handler = async (event: object) => answer(event);`,
};
const answer = 'export const answer = <Event>(event: Event): Event => event;';

interface Measured {
  readonly level: string;
  readonly server: Running;
  readonly client: LambdaClient;
  readonly coldMs: number[];
  readonly warmMs: number[];
}

console.log(`${availableParallelism()} cores; medians\n`);
console.log('| handler | isolation | cold, ms | | warm, ms | |\n|---|---|---|---|---|---|');
for (const [name, source] of Object.entries(handlers)) {
  const all = (await Promise.all(['off', 'strict', 'user'].map(start))).filter((one) => one !== undefined);
  for (const { client } of all) await createFunction(client, source);
  for (let round = 0; round < colds; round++) {
    for (const { client, coldMs } of inTurns(all, round)) {
      await renewFunction(client, round);
      coldMs.push(await timeOf(1, client));
    }
  }
  for (const { client } of all) await timeOf(WARM_A_ROUND, client);
  for (let round = 0; round < warmRounds; round++) {
    for (const { client, warmMs } of inTurns(all, round)) warmMs.push(await timeOf(WARM_A_ROUND, client));
  }
  const off = all.find(({ level }) => level === 'off');
  for (const { level, coldMs, warmMs } of all) {
    const columns = [figures(coldMs, off?.coldMs), figures(warmMs, off?.warmMs)];
    console.log(`| ${[name, level, ...columns.flat()].join(' | ')} |`);
  }
  for (const { client, server } of all) {
    client.destroy();
    await server.stop();
  }
}

/** Undefined where this machine does not allow the level. */
async function start(level: string): Promise<Measured | undefined> {
  try {
    const server = await startNagare('--function-isolation', level);
    const client = new LambdaClient({
      endpoint: `http://127.0.0.1:${server.port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    return { level, server, client, coldMs: [], warmMs: [] };
  } catch (error) {
    console.error(`${level}: ${String(error)}`);
    return undefined;
  }
}

/** Each round begins with another one, for what the first does may help the next. */
function inTurns(all: readonly Measured[], round: number): Measured[] {
  return all.map((_, place) => all[(place + round) % all.length]).filter((one) => one !== undefined);
}

async function createFunction(client: LambdaClient, source: string): Promise<void> {
  const files = { 'index.ts': strToU8(source), 'answer.ts': strToU8(answer) };
  await client.send(
    new CreateFunctionCommand({
      FunctionName: FUNCTION_NAME,
      Runtime: 'nodejs24.x',
      Role: 'arn:aws:iam::000000000000:role/bench',
      Handler: 'index.handler',
      Code: { ZipFile: zipSync(files) },
    }),
  );
  await timeOf(2, client);
}

/** What waits was started with the configuration before, and takes no more invocations. */
async function renewFunction(client: LambdaClient, round: number): Promise<void> {
  await client.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: FUNCTION_NAME, Description: String(round) }),
  );
}

async function timeOf(invocations: number, client: LambdaClient): Promise<number> {
  const began = performance.now();
  for (let n = 0; n < invocations; n++) {
    const output = await client.send(new InvokeCommand({ FunctionName: FUNCTION_NAME, Payload: '{"n":1}' }));
    if (output.FunctionError !== undefined) throw new Error(output.Payload?.transformToString());
  }
  return (performance.now() - began) / invocations;
}

/** The median, and that of the rounds' ratios. */
function figures(ms: readonly number[], offMs: readonly number[] = ms): string[] {
  const ratios = ms.map((value, round) => value / (offMs[round] ?? value));
  return [median(ms).toFixed(2), median(ratios).toFixed(2)];
}
