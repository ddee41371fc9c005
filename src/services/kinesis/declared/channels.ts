import type { CreateChannelInput } from '@aws-sdk/client-kinesis';
import { isDeepStrictEqual } from 'node:util';
import { formatArn } from '../../../aws/arn.ts';
import { ModelInput } from '../../../declarations/model-reader.ts';
import { differences, type PlanStep } from '../../../declarations/plan.ts';
import { DeclarationError } from '../../../errors.ts';
import { kinesisLimits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };
import { checkFreshness } from '../channels/new-channel.ts';
import { DEFAULT_KEY_TEMPLATE } from '../channels/key-template.ts';
import type { ChannelRow } from '../channels/rows.ts';
import type { Kinesis } from '../context.ts';
import { validation } from '../errors.ts';
import { create } from '../operations/create-channel.ts';
import { withTags } from '../streams/tags.ts';
import type { DeclaredChannel } from './section.ts';
import { whenActive } from './streams.ts';

type Input = Checked<CreateChannelInput>;

const channelInput = new ModelInput<Input>(api, 'CreateChannelInput');

/** Creates a declared channel, or changes the freshness and tags of an existing one. Throws ServiceError. */
export function planChannel(
  kinesis: Kinesis,
  streamName: string,
  name: string,
  declared: DeclaredChannel,
): PlanStep {
  const input = inputOf(kinesis, streamName, name, declared);
  const violations = channelInput.violations(input);
  if (violations !== undefined) throw validation(violations);
  if (declared.dataFreshnessInSeconds !== undefined) checkFreshness(declared.dataFreshnessInSeconds);
  withTags({}, declared.tags ?? {});
  const present = channelNamed(kinesis, streamName, name);
  if (present !== undefined) return changeOf(kinesis, present, declared);
  return {
    action: 'create',
    details: `delivers ${streamName} to s3://${declared.bucket}`,
    async apply() {
      await whenActive(kinesis, kinesis.streams.resolve({ StreamName: streamName }));
      await create(kinesis, input, { isUnlimited: true });
    },
  };
}

export function findChannel(kinesis: Kinesis, streamName: string, name: string) {
  const present = channelNamed(kinesis, streamName, name);
  if (present === undefined) return undefined;
  return { remove: () => kinesis.channels.delete(kinesis.channels.arn(present)) };
}

function channelNamed({ channels, streams }: Kinesis, streamName: string, name: string) {
  const stream = streams.get(streamName);
  return stream && channels.of(stream).find((row) => row.name === name);
}

function changeOf({ channels }: Kinesis, present: ChannelRow, declared: DeclaredChannel): PlanStep {
  const { storage } = present;
  if (storage === undefined) {
    throw new DeclarationError('is a channel into S3 Tables; declare the channel under another name');
  }
  const fixed = differences({
    bucket: [storage.bucket, declared.bucket],
    recordFormatType: [present.format, declared.recordFormatType],
    compressionType: [storage.compression, declared.compressionType],
    outputKeyTemplate: [storage.keyTemplate, declared.outputKeyTemplate ?? DEFAULT_KEY_TEMPLATE],
    ...(declared.errorOutputPrefix !== undefined && {
      errorOutputPrefix: [present.deadLetters.prefix, declared.errorOutputPrefix] as const,
    }),
  });
  if (fixed !== '') {
    throw new DeclarationError(
      `these options of a channel cannot be changed: ${fixed}; declare the channel under another name, or delete it first`,
    );
  }
  const freshnessSeconds = declared.dataFreshnessInSeconds ?? present.freshnessSeconds;
  const tags = declared.tags ?? present.tags;
  const details = differences({
    dataFreshnessInSeconds: [present.freshnessSeconds, freshnessSeconds],
    tags: [present.tags, tags],
    isUnlimited: [present.isUnlimited ?? false, true],
  });
  const apply = async (): Promise<void> => {
    const arn = channels.arn(present);
    if (freshnessSeconds !== present.freshnessSeconds)
      await channels.update(arn, { freshnessSeconds, logging: {} });
    if (present.isUnlimited !== true) await channels.setUnlimited(arn);
    if (!isDeepStrictEqual(tags, present.tags)) await channels.changeTags(arn, () => tags);
  };
  return details === '' ? { action: 'leave', apply } : { action: 'change', details, apply };
}

/** The equivalent CreateChannel request. */
function inputOf(kinesis: Kinesis, streamName: string, name: string, declared: DeclaredChannel): Input {
  const bucket = { BucketARN: `arn:aws:s3:::${declared.bucket}`, ExpectedBucketOwner: kinesis.accountId };
  const { outputKeyTemplate, errorOutputPrefix, dataFreshnessInSeconds, tags } = declared;
  return {
    ChannelName: name,
    ServiceExecutionRoleARN: `arn:aws:iam::${kinesis.accountId}:role/nagare`,
    StreamConfigurationList: [
      {
        StreamARN: formatArn('kinesis', kinesis, `stream/${streamName}`),
        RecordConfiguration: { RecordFormatType: declared.recordFormatType },
      },
    ],
    S3DestinationConfiguration: {
      StorageConfiguration: {
        ...bucket,
        CompressionType: declared.compressionType,
        ...(outputKeyTemplate !== undefined && { OutputKeyTemplate: outputKeyTemplate }),
      },
      DataFreshnessInSeconds: dataFreshnessInSeconds ?? kinesisLimits.channelFreshnessSecondsDefault,
      ...(errorOutputPrefix !== undefined && {
        DeadLetterQueueS3Configuration: { ...bucket, ErrorOutputPrefix: errorOutputPrefix },
      }),
    },
    ...(tags !== undefined && { Tags: tags }),
  };
}
