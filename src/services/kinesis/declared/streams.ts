import { isDeepStrictEqual } from 'node:util';
import { formatArn } from '../../../aws/arn.ts';
import { differences, type PlanStep } from '../../../declarations/plan.ts';
import { DeclarationError } from '../../../errors.ts';
import { kinesisLimits } from '../limits.ts';
import { sleep } from '../../../support/clock.ts';
import type { Kinesis } from '../context.ts';
import { invalidArgument, validation } from '../errors.ts';
import { checkShardLimit } from '../shards/reshard-checks.ts';
import { requireCommitment } from '../streams/account-settings.ts';
import { checkRetentionHours } from '../streams/retention-setting.ts';
import { checkPolicy } from '../streams/policy.ts';
import type { StreamRow } from '../streams/rows.ts';
import type { Stream } from '../streams/stream.ts';
import { withTags } from '../streams/tags.ts';
import { checkOnDemandQuota } from '../throttle/quotas.ts';
import { streamInput, type DeclaredStream } from './section.ts';

export interface StreamPlan {
  readonly step: PlanStep;
  /** How many shards the step adds. */
  readonly shardsAdded: number;
}

/**
 * Plans the step that creates or changes a stream as declared. `shardsBefore` is the number of shards that earlier
 * declarations add. Throws the ServiceErrors of CreateStream, and DeclarationError when there would be fewer shards
 * although that is not allowed.
 */
export function planStream(
  kinesis: Kinesis,
  name: string,
  declared: DeclaredStream,
  options: { readonly allowReshard: boolean; readonly shardsBefore: number },
): StreamPlan {
  const present = kinesis.streams.get(name);
  const mode = declared.own.streamMode ?? present?.row.mode ?? 'PROVISIONED';
  checkStream(kinesis, name, declared, mode);
  const shardsNow = present?.map.shards.length ?? 0;
  const shardCount = wantedShards(declared, mode) ?? (present === undefined ? firstShards(mode) : shardsNow);
  const shardsAdded = shardCount - shardsNow;
  // An account that already exceeds a limit may start with its existing shards.
  if (shardsAdded > 0) checkShardLimit(kinesis, options.shardsBefore + shardsAdded, mode);
  const limitsChange = () => kinesis.throttles.declare(name, declared.own.limits);
  if (present === undefined) {
    const create = async (): Promise<void> => {
      limitsChange();
      await kinesis.streams.create({ ...newStream(name, declared, mode), shardCount });
    };
    return { step: { action: 'create', details: `${shardCount} shards`, apply: create }, shardsAdded };
  }
  if (shardsAdded < 0 && !options.allowReshard) {
    throw new DeclarationError(
      `the stream has ${shardsNow} shards but shardCount ${shardCount} would merge some of them; ` +
        'start or apply with --allow-reshard to merge them, or omit shardCount to keep them',
    );
  }
  return { step: changeOf(kinesis, present, declared, { mode, shardCount, limitsChange }), shardsAdded };
}

function changeOf(
  kinesis: Kinesis,
  present: Stream,
  declared: DeclaredStream,
  wanted: { mode: StreamRow['mode']; shardCount: number; limitsChange: () => void },
): PlanStep {
  const { mode, shardCount, limitsChange } = wanted;
  const shardsNow = present.map.shards.length;
  const before = present.row;
  const after = rowAsDeclared(before, declared, mode);
  const details = differences({
    streamMode: [before.mode, after.mode],
    shardCount: [shardsNow, shardCount],
    retentionPeriodHours: [before.retentionHours, after.retentionHours],
    keyId: [before.encryptionKeyId, after.encryptionKeyId],
    maxRecordSizeInKiB: [before.maxRecordSizeKiB, after.maxRecordSizeKiB],
    recordDistributionStrategy: [before.distribution, after.distribution],
    warmThroughputMiBps: [before.warmThroughputMiBps, after.warmThroughputMiBps],
    tags: [before.tags, after.tags],
    policy: policyWords(before.policy, after.policy),
  });
  const apply = async (): Promise<void> => {
    limitsChange();
    if (!isDeepStrictEqual(before, after)) await changeRow(kinesis, present, declared, mode);
    if (shardCount === shardsNow) return;
    await whenActive(kinesis, present);
    await kinesis.streams.reshard(present, { type: 'resize', count: shardCount });
  };
  return details === '' ? { action: 'leave', apply } : { action: 'change', details, apply };
}

/** Policies are too long to be shown. */
function policyWords(before: string | undefined, after: string | undefined): readonly [unknown, unknown] {
  return before === after
    ? [after, after]
    : [before === undefined ? undefined : 'another one', 'as declared'];
}

async function changeRow(
  kinesis: Kinesis,
  stream: Stream,
  declared: DeclaredStream,
  mode: StreamRow['mode'],
): Promise<void> {
  await whenActive(kinesis, stream);
  const hours = declared.own.retentionPeriodHours;
  // Otherwise expired records and shards that are not removed yet would reappear.
  if (hours !== undefined && hours > stream.row.retentionHours) await kinesis.retention.sweepStream(stream);
  await kinesis.streams.change(stream, (row, transaction) => {
    if (row.mode !== mode && mode === 'PROVISIONED') kinesis.channels.refuseWithChannels(stream, transaction);
    return rowAsDeclared(row, declared, mode);
  });
  await kinesis.retention.sweepStream(stream);
}

/** Resolves when the stream may be changed. */
export async function whenActive({ streams, clock }: Kinesis, stream: Stream): Promise<void> {
  await stream.whenSettled();
  const { pending } = stream.row;
  if (pending === undefined || streams.status(stream) === 'ACTIVE') return;
  await sleep(clock, pending.dueMs - clock.now());
}

/** Checks that the API makes by the model, and checks of its own. */
function checkStream(
  kinesis: Kinesis,
  name: string,
  declared: DeclaredStream,
  mode: StreamRow['mode'],
): void {
  const { input, own } = declared;
  const violations = streamInput.violations({ StreamName: name, ShardCount: 1, ...input });
  if (violations !== undefined) throw validation(violations);
  withTags({}, input.Tags ?? {});
  if (own.retentionPeriodHours !== undefined) checkRetentionHours(own.retentionPeriodHours);
  if (own.keyId !== undefined && own.encryptionType !== 'KMS')
    throw new DeclarationError('keyId needs encryptionType: KMS');
  if (own.policy !== undefined) checkPolicy(own.policy, formatArn('kinesis', kinesis, `stream/${name}`));
  if (input.WarmThroughputMiBps !== undefined) requireCommitment(kinesis);
  const switches = kinesis.streams.get(name)?.row.mode !== mode;
  if (mode === 'ON_DEMAND' && switches) checkOnDemandQuota(kinesis);
  if (mode === 'ON_DEMAND' && input.ShardCount !== undefined) {
    throw validation(`${name} is on demand: it scales its shards by itself, so omit shardCount`);
  }
  if (mode === 'ON_DEMAND') return;
  const onDemandOnly = [
    ['warmThroughputMiBps', input.WarmThroughputMiBps !== undefined],
    ['recordDistributionStrategy AUTO', input.RecordDistributionStrategy === 'AUTO'],
    ['channels', Object.keys(own.channels ?? {}).length > 0],
  ] as const;
  const refused = onDemandOnly.find(([, given]) => given);
  if (refused !== undefined)
    throw invalidArgument(`${refused[0]}: only supported for streams with streamMode ON_DEMAND.`);
}

/** Undefined when the declaration does not specify it. */
function wantedShards({ input }: DeclaredStream, mode: StreamRow['mode']): number | undefined {
  return mode === 'ON_DEMAND' ? undefined : input.ShardCount;
}

function firstShards(mode: StreamRow['mode']): number {
  return mode === 'ON_DEMAND' ? kinesisLimits.onDemandShards : 1;
}

function newStream(name: string, declared: DeclaredStream, mode: StreamRow['mode']) {
  const { RecordDistributionStrategy, MaxRecordSizeInKiB, Tags, WarmThroughputMiBps } = declared.input;
  const { retentionPeriodHours, policy } = declared.own;
  const encryptionKeyId = declaredKey(declared);
  return {
    name,
    mode,
    distribution: RecordDistributionStrategy ?? 'USER_PARTITION_KEY',
    maxRecordSizeKiB: MaxRecordSizeInKiB ?? kinesisLimits.recordKiBDefault,
    tags: Tags ?? {},
    ...(WarmThroughputMiBps !== undefined && { warmThroughputMiBps: WarmThroughputMiBps }),
    ...(retentionPeriodHours !== undefined && { retentionHours: retentionPeriodHours }),
    ...(encryptionKeyId !== undefined && { encryptionKeyId }),
    ...(policy !== undefined && { policy }),
  } as const;
}

function declaredKey({ own }: DeclaredStream): string | undefined {
  return own.encryptionType === 'KMS' ? (own.keyId ?? 'alias/aws/kinesis') : undefined;
}

/** Undeclared options stay as they are. */
function rowAsDeclared(row: StreamRow, declared: DeclaredStream, mode: StreamRow['mode']): StreamRow {
  const { RecordDistributionStrategy, MaxRecordSizeInKiB, Tags, WarmThroughputMiBps } = declared.input;
  const { encryptionKeyId: keyBefore, warmThroughputMiBps: warmBefore, ...rest } = row;
  const key = declared.own.encryptionType === undefined ? keyBefore : declaredKey(declared);
  const warm = mode === 'ON_DEMAND' ? (WarmThroughputMiBps ?? warmBefore) : undefined;
  return {
    ...rest,
    mode,
    distribution:
      mode === 'PROVISIONED' ? 'USER_PARTITION_KEY' : (RecordDistributionStrategy ?? row.distribution),
    retentionHours: declared.own.retentionPeriodHours ?? row.retentionHours,
    maxRecordSizeKiB: MaxRecordSizeInKiB ?? row.maxRecordSizeKiB,
    tags: Tags ?? row.tags,
    ...(declared.own.policy !== undefined && { policy: declared.own.policy }),
    ...(key !== undefined && { encryptionKeyId: key }),
    ...(warm !== undefined && { warmThroughputMiBps: warm }),
  };
}
