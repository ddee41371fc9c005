import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { AnsweredError, call, serverOf, withServer, type RunningServer, type ServerFlags } from '../api.ts';
import { nameOf } from '../connect/send.ts';
import { type ConfirmFlags, confirmed, withYes } from '../confirm.ts';
import { printResult, say, withJson, type OutputFlags } from '../output/output.ts';
import { Progress } from '../output/progress.ts';
import { numberText, parseWhole } from '../output/units.ts';
import { entryOf, RecordWriter } from '../records/put-batch.ts';
import {
  createDemoStream,
  DEMO_BUCKET,
  DEMO_KEY,
  DEMO_STREAM,
  demoOrder,
  type DemoStep,
  fillDemo,
  removeDemo,
} from '../../support/demo-things.ts';
import { withS3 } from '../objects/s3.ts';
import { untilActive } from '../stream/kinesis.ts';
import type { Terminal } from '../terminal.ts';

type DemoFlags = ServerFlags &
  OutputFlags &
  ConfirmFlags & { readonly rate: number; readonly count?: number; readonly remove?: true };

/** `nagare demo`: something to look at. */
export function demoCommand(terminal: Terminal): Command {
  const command = new Command('demo')
    .description(
      `put made-up orders into the stream ${DEMO_STREAM}, whose lines a list log keeps and an alarm watches, until it is interrupted`,
    )
    .addOption(new Option('--rate <number>', 'orders per second').argParser(parseWhole(1)).default(20))
    .option('--count <number>', 'end after so many', parseWhole(1))
    .option('--remove', 'delete all that the demo has made');
  return withServer(withJson(withYes(command, 'remove it'))).action(async (flags: DemoFlags) => {
    const server = await serverOf(flags, terminal);
    if (flags.remove === true) {
      confirmed(flags, `this deletes the stream ${DEMO_STREAM}, and all else that the demo has made`);
      await remove(server);
      return printResult(terminal, flags, `${DEMO_STREAM} is deleted`, {
        StreamName: DEMO_STREAM,
        Deleted: true,
      });
    }
    await setUp(server);
    say(
      terminal,
      flags,
      `orders go into ${DEMO_STREAM} at ${nameOf(server)}; look at them with\n\n  nagare tail ${DEMO_STREAM}\n  nagare top\n  nagare object get s3://${DEMO_BUCKET}/${DEMO_KEY}\n\nCtrl-C ends it; nagare demo --remove --yes removes all of it.`,
    );
    const records = await produce(server, flags, terminal);
    printResult(terminal, flags, `${numberText(records)} orders`, { Records: records });
  });
}

const TARGETS = {
  kinesis: 'Kinesis_20131202',
  listlog: 'NagareListLog_20261101',
  monitoring: 'GraniteServiceVersion20100801',
} as const;

/** What is there already is used. AWS has no list logs. */
async function setUp(server: RunningServer): Promise<void> {
  await perform(server, createDemoStream);
  await untilActive(server, DEMO_STREAM);
  if (server.endpoint === undefined) return;
  for (const step of fillDemo) await perform(server, step);
}

async function remove(server: RunningServer): Promise<void> {
  for (const step of removeDemo) {
    if (server.endpoint !== undefined || step.service === 'kinesis') await perform(server, step);
  }
}

async function perform(
  server: RunningServer,
  { service, operation, input, unless }: DemoStep,
): Promise<void> {
  try {
    if (service !== 's3') await call(server, service, `${TARGETS[service]}.${operation}`, input);
    else if (operation === 'DeleteObject')
      await withS3(server, ({ client, sdk }) =>
        client.send(new sdk.DeleteObjectCommand({ Bucket: DEMO_BUCKET, Key: DEMO_KEY })),
      );
    else
      await withS3(server, ({ client, sdk }) =>
        client.send(new sdk.DeleteBucketCommand({ Bucket: DEMO_BUCKET })),
      );
  } catch (error) {
    if (!(error instanceof AnsweredError) || !unless.includes(error.code)) throw error;
  }
}

/** Returns how many orders were put. An interrupted demo has done what it is for. */
async function produce(
  server: RunningServer,
  { rate, count = Infinity, quiet }: DemoFlags,
  terminal: Terminal,
): Promise<number> {
  const signal = terminal.untilInterrupted();
  const progress = new Progress(terminal, 'orders', { quiet: quiet === true });
  const writer = new RecordWriter(server, DEMO_STREAM, {
    signal,
    onStored: (stored) => progress.add(stored.length),
  });
  const beganMs = performance.now();
  for (let made = 0; made < count && !signal.aborted; made++) {
    const restMs = beganMs + (made / rate) * 1000 - performance.now();
    if (restMs > 0) {
      await writer.flush();
      await sleep(restMs, undefined, { signal }).catch(() => undefined);
    }
    if (!signal.aborted) await writer.add(order(made));
  }
  await writer.flush();
  progress.end();
  return progress.done;
}

function order(number: number) {
  const made = demoOrder(number, randomUUID(), Math.random);
  return entryOf(Buffer.from(JSON.stringify(made)).toString('base64'), made.shop);
}
