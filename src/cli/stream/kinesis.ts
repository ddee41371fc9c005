import type {
  Consumer,
  DescribeStreamSummaryOutput,
  ListShardsOutput,
  ListStreamsOutput,
  Shard,
  StreamDescriptionSummary,
  StreamSummary,
} from '@aws-sdk/client-kinesis';
import { call, type RunningServer } from '../api.ts';
import { cliLimits } from '../limits.ts';
import { setTimeout as sleep } from 'node:timers/promises';

/** Calls an operation of Kinesis. Rejects with CommandError. */
export function kinesis<Output>(server: RunningServer, operation: string, input: object): Promise<Output> {
  return call<Output>(server, 'kinesis', `Kinesis_20131202.${operation}`, input);
}

/** Names a stream in an input. */
export function streamOf(name: string): { readonly StreamARN: string } | { readonly StreamName: string } {
  return name.startsWith('arn:') ? { StreamARN: name } : { StreamName: name };
}

/** Times are seconds since the epoch, as in AWS's JSON. */
export type InJson<Type> = {
  readonly [Key in keyof Type]: Type[Key] extends Date | undefined ? number | undefined : Type[Key];
};

export type Listed = InJson<StreamSummary>;

export type Summary = InJson<StreamDescriptionSummary>;

export async function summaryOf(server: RunningServer, name: string): Promise<Summary> {
  const answer = await kinesis<DescribeStreamSummaryOutput>(server, 'DescribeStreamSummary', streamOf(name));
  // The type is the SDK's, which makes dates of the numbers.
  return answer.StreamDescriptionSummary as unknown as Summary;
}

export async function* streamsOf(server: RunningServer): AsyncGenerator<Listed, void, undefined> {
  let NextToken: string | undefined;
  do {
    const page: ListStreamsOutput = await kinesis(server, 'ListStreams', { Limit: 1000, NextToken });
    for (const one of page.StreamSummaries ?? []) yield one as unknown as Listed; // as above
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
}

/** With the closed ones that still have records. */
export async function shardsOf(server: RunningServer, name: string): Promise<Shard[]> {
  const shards: Shard[] = [];
  let input: object = streamOf(name);
  for (;;) {
    const page = await kinesis<ListShardsOutput>(server, 'ListShards', input);
    shards.push(...(page.Shards ?? []));
    if (page.NextToken === undefined) return shards;
    input = { NextToken: page.NextToken };
  }
}

export async function consumersOf(server: RunningServer, streamArn: string): Promise<InJson<Consumer>[]> {
  const consumers: InJson<Consumer>[] = [];
  let NextToken: string | undefined;
  do {
    const page = await kinesis<{ Consumers?: InJson<Consumer>[]; NextToken?: string }>(
      server,
      'ListStreamConsumers',
      {
        StreamARN: streamArn,
        NextToken,
      },
    );
    consumers.push(...(page.Consumers ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return consumers;
}

/** Waits until a change of a stream has taken effect. */
export async function untilActive(server: RunningServer, name: string): Promise<Summary> {
  for (;;) {
    const summary = await summaryOf(server, name);
    if (summary.StreamStatus === 'ACTIVE') return summary;
    await sleep(cliLimits.statePollMs);
  }
}

/** Open: it takes records. */
export function isOpen(shard: Shard): boolean {
  return shard.SequenceNumberRange?.EndingSequenceNumber === undefined;
}

/** `2026-11-29T10:00:00.000Z` for seconds since the epoch. */
export function timeText(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : new Date(seconds * 1000).toISOString();
}
