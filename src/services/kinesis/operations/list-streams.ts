import type { ListStreamsInput, ListStreamsOutput } from '@aws-sdk/client-kinesis';
import type { ReadHandler, KinesisReads } from '../context.ts';
import { invalidArgument } from '../errors.ts';
import type { StreamRow } from '../streams/rows.ts';
import { statusAt } from '../streams/stream.ts';

const STREAMS_DEFAULT = 100;
const STREAMS_MAX = 100;

/** Lists streams by name, at most 100 per call. */
export const listStreams: ReadHandler<ListStreamsInput, ListStreamsOutput> = (kinesis, input) => {
  if (input.NextToken !== undefined && input.ExclusiveStartStreamName !== undefined) {
    throw invalidArgument('NextToken and ExclusiveStartStreamName cannot be provided together.');
  }
  const after =
    input.NextToken === undefined
      ? (input.ExclusiveStartStreamName ?? '')
      : nextPage(kinesis, input.NextToken).after;
  const limit = Math.min(input.Limit ?? STREAMS_DEFAULT, STREAMS_MAX);
  const page: StreamRow[] = [];
  let more = false;
  for (const [name, row] of kinesis.streams.tables.streams.entries()) {
    if (name <= after) continue;
    more = page.length === limit;
    if (more) break;
    page.push(row);
  }
  const last = page.at(-1);
  return {
    StreamNames: page.map((row) => row.name),
    HasMoreStreams: more,
    NextToken: more ? kinesis.pages.encode('ListStreams', { after: last?.name }) : undefined,
    StreamSummaries: page.map((row) => ({
      StreamName: row.name,
      StreamARN: kinesis.streams.get(row.name)?.arn,
      StreamStatus: statusAt(row, kinesis.clock.now()),
      StreamModeDetails: { StreamMode: row.mode },
      StreamCreationTimestamp: new Date(row.createdMs),
    })),
  };
};

function nextPage(kinesis: KinesisReads, token: string): { readonly after: string } {
  return kinesis.pages.decode('ListStreams', token) as { after: string }; // as it was encoded
}
