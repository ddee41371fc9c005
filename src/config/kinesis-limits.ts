import { awsKinesisLimits } from './aws-kinesis-limits.ts';

/** Limits that apply to every stream without limits of its own. Infinity means unlimited. */
export interface StreamLimits {
  readonly shardWriteBytesPerSecond: number;
  readonly shardWriteRecordsPerSecond: number;
  readonly shardReadBytesPerSecond: number;
  readonly shardReadCallsPerSecond: number;
  readonly fanOutBytesPerSecond: number;
  readonly consumersPerStream: number;
  readonly shardCountUpdatesPerDay: number;
  readonly modeUpdatesPerDay: number;
}

export type LimitedOperation = keyof typeof awsKinesisLimits.callsPerSecond;
export type CallRates = Readonly<Record<LimitedOperation, number>>;

export interface AccountLimits extends StreamLimits {
  readonly shardsPerAccount: number;
  readonly onDemandStreams: number;
  readonly streamsCreatingAtOnce: number;
  readonly consumersCreatingAtOnce: number;
  readonly callsPerSecond: CallRates;
}

export const LIMITS_MODES = ['none', 'aws'] as const;
export type LimitsMode = (typeof LIMITS_MODES)[number];

/** As declared: a mode, and single limits that differ from it. */
export type DeclaredStreamLimits = { readonly mode?: LimitsMode } & Partial<StreamLimits>;
export type DeclaredLimits = { readonly mode?: LimitsMode } & Partial<
  Omit<AccountLimits, 'callsPerSecond'>
> & {
    readonly callsPerSecond?: Partial<CallRates>;
  };

// Object.keys returns strings; these are the keys of this object.
export const limitedOperations = Object.keys(awsKinesisLimits.callsPerSecond) as LimitedOperation[];

export const STREAM_LIMITS = [
  'shardWriteBytesPerSecond',
  'shardWriteRecordsPerSecond',
  'shardReadBytesPerSecond',
  'shardReadCallsPerSecond',
  'fanOutBytesPerSecond',
  'consumersPerStream',
  'shardCountUpdatesPerDay',
  'modeUpdatesPerDay',
] as const satisfies readonly (keyof StreamLimits)[];

const none: AccountLimits = {
  shardWriteBytesPerSecond: Infinity,
  shardWriteRecordsPerSecond: Infinity,
  shardReadBytesPerSecond: Infinity,
  shardReadCallsPerSecond: Infinity,
  fanOutBytesPerSecond: Infinity,
  consumersPerStream: Infinity,
  shardCountUpdatesPerDay: Infinity,
  modeUpdatesPerDay: Infinity,
  shardsPerAccount: Infinity,
  onDemandStreams: Infinity,
  streamsCreatingAtOnce: Infinity,
  consumersCreatingAtOnce: Infinity,
  // The keys are the operations of the same table.
  callsPerSecond: Object.fromEntries(limitedOperations.map((name) => [name, Infinity])) as CallRates,
};

const modes: Readonly<Record<LimitsMode, AccountLimits>> = { none, aws: awsKinesisLimits };

export function accountLimits(declared: DeclaredLimits = {}): AccountLimits {
  const { mode = 'none', callsPerSecond, ...single } = declared;
  const base = modes[mode];
  return { ...base, ...single, callsPerSecond: { ...base.callsPerSecond, ...callsPerSecond } };
}

/** A stream's own limits, layered over those of its mode or, when it names no mode, of the account. */
export function streamLimits(account: StreamLimits, declared: DeclaredStreamLimits = {}): StreamLimits {
  const { mode, ...single } = declared;
  return { ...(mode === undefined ? account : modes[mode]), ...single };
}
