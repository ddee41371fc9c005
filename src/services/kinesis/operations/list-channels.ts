import type { ListChannelsInput, ListChannelsOutput } from '@aws-sdk/client-kinesis';
import { kinesisLimits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { ChannelRow } from '../channels/rows.ts';
import { summarizeChannel } from '../channels/describe.ts';
import type { Handler, Kinesis } from '../context.ts';

interface Page {
  readonly after: string;
}

/**
 * Lists channels by name, at most 100 per page, all or those of some streams. NextTokens are valid for five minutes.
 */
export const listChannels: Handler<ListChannelsInput, ListChannelsOutput> = (kinesis, input) => {
  const { channels } = kinesis;
  const after = input.NextToken === undefined ? '' : decode(kinesis, input.NextToken).after;
  const limit = Math.min(input.MaxResults ?? Infinity, kinesisLimits.channelsListedMax);
  const following = channels.list().filter((row) => row.name > after && matches(row, input.StreamFilter));
  const listed = following.slice(0, limit);
  const next: Page = { after: listed.at(-1)?.name ?? '' };
  return {
    ChannelSummaries: listed.map((row) => summarizeChannel(channels, row)),
    NextToken: following.length > limit ? kinesis.pages.encode('ListChannels', next) : undefined,
  };
};

function matches({ stream }: ChannelRow, filters: Checked<ListChannelsInput>['StreamFilter']): boolean {
  if (filters === undefined) return true;
  return filters.some(({ StreamARN, StreamCreationTimestamp: created }) => {
    if (StreamARN !== stream.arn) return false;
    return created === undefined || seconds(created.getTime()) === seconds(stream.createdMs);
  });
}

function seconds(timeMs: number): number {
  return Math.floor(timeMs / 1000);
}

function decode(kinesis: Kinesis, token: string): Page {
  return kinesis.pages.decode('ListChannels', token) as Page; // as it was encoded
}
