import { isLoopbackHost } from '../support/loopback.ts';
import type { AuditSettings } from './audit.ts';
import type { SettingSource } from './setting-source.ts';
import { type SettingName, settings } from './settings.ts';
import { parseSharedLogUrl, type SharedLogSettings, SharedLogUrlError } from './shared-log-url.ts';

/** How a server shares a log with others. */
export interface ClusterSettings {
  readonly log: SharedLogSettings;
  /** Where the files are that the log's URL names. */
  readonly files: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly workingFolder: string;
  };
  /** At which other machines reach this one; undefined for its address and port. */
  readonly url?: string;
  /** Absolute path. */
  readonly caFile?: string;
  readonly takeOverAfterMs: number;
  /** How old reads of a standby may be; undefined if the owner answers them all. */
  readonly readAgeMaxMs?: number;
  /** Undefined without a place for them. */
  readonly snapshots?: SnapshotConfig;
}

/** Where snapshots of the log are, when they are taken, and how long they are kept. */
export interface SnapshotConfig {
  readonly bucket: string;
  /** Of all keys; empty, or ends with a slash. */
  readonly prefix: string;
  readonly everyMs: number;
  readonly everyBytes: number;
  readonly keptMin: number;
  readonly retentionMs: number;
  readonly bytesPerSecond: number;
}

/** What the settings have to go with. */
interface Others {
  readonly host: string;
  readonly tls: { readonly files?: unknown } | undefined;
  readonly insecurePlaintext: boolean;
  /** Empty if the key is in the data folder. */
  readonly masterKey: object;
  readonly objectStore: object | undefined;
  readonly audit: Pick<AuditSettings, 'stream' | 'required'> | undefined;
}

/** Undefined without a shared log. */
export function readCluster(
  source: SettingSource,
  others: Others,
  problems: string[],
): ClusterSettings | undefined {
  const { value, origin, path } = source;
  const text = value('sharedLog');
  const from = origin('sharedLog');
  if (text === '' || from === undefined) {
    requireOther(source, dependentSettings, 'sharedLog', problems);
    requireOther(source, snapshotSettings, 'snapshots', problems);
    return undefined;
  }
  problems.push(...missing(others).map((what) => `${from} needs ${what}`));
  if (others.audit?.required === true && others.audit.stream !== undefined) {
    problems.push(
      `${from} cannot go with --audit-required and --audit-stream, because a standby has no streams: use --audit-log`,
    );
  }
  const readSeconds = value('standbyReads');
  if (readSeconds > 0 && others.audit?.stream !== undefined) {
    problems.push(
      `${origin('standbyReads')} cannot go with --audit-stream, because a standby cannot write to a stream: use --audit-log`,
    );
  }
  const [url, caFile, takeOverAfter] = [value('clusterUrl'), path('clusterCa'), value('takeOverAfter')];
  const problem = addressProblem(url, others, caFile !== undefined);
  if (problem !== undefined) problems.push(`${origin('clusterUrl') ?? from} ${problem}`);
  const snapshots = readSnapshots(source, problems);
  const log = parsed(text, from, problems);
  if (log === undefined) return undefined;
  return {
    log,
    files: {
      environment: { CREDENTIALS_DIRECTORY: source.environment['CREDENTIALS_DIRECTORY'] },
      workingFolder: source.folder('sharedLog'),
    },
    ...(url !== '' && { url }),
    ...(caFile !== undefined && { caFile }),
    takeOverAfterMs: takeOverAfter * 1000,
    ...(readSeconds > 0 && { readAgeMaxMs: readSeconds * 1000 }),
    ...(snapshots && { snapshots }),
  };
}

const dependentSettings = ['clusterUrl', 'clusterCa', 'takeOverAfter', 'standbyReads', 'snapshots'] as const;

const snapshotSettings = [
  'snapshotMinutes',
  'snapshotMebibytes',
  'snapshotsKept',
  'logRetentionHours',
  'snapshotRate',
] as const;
const MEBIBYTE = 1024 * 1024;

function readSnapshots(source: SettingSource, problems: string[]): SnapshotConfig | undefined {
  const { value } = source;
  const text = value('snapshots');
  if (text === '') {
    requireOther(source, snapshotSettings, 'snapshots', problems);
    return undefined;
  }
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(text) ?? [];
  return {
    bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
    everyMs: value('snapshotMinutes') * 60_000,
    everyBytes: value('snapshotMebibytes') * MEBIBYTE,
    keptMin: value('snapshotsKept'),
    retentionMs: value('logRetentionHours') * 3_600_000,
    bytesPerSecond: value('snapshotRate') * MEBIBYTE,
  };
}

/** Settings that have no effect without another one are refused. */
function requireOther(
  { origin }: SettingSource,
  names: readonly SettingName[],
  other: SettingName,
  problems: string[],
): void {
  for (const name of names) {
    const given = origin(name);
    if (given !== undefined) problems.push(`${given} needs ${settings[other].flag}`);
  }
}

/** What would stay on one machine otherwise. */
function missing({ masterKey, objectStore }: Others): string[] {
  return [
    ...(Object.keys(masterKey).length > 0
      ? []
      : [
          '--master-key-file, because all machines must have the same master key: create it with `openssl rand -base64 32`, and copy it to each machine',
        ]),
    ...(objectStore !== undefined
      ? []
      : [
          '--s3-endpoint, because objects in the data folder would be lost with this machine: name an S3 that all machines reach, such as http://minio:9000',
        ]),
  ];
}

const WILDCARDS = ['0.0.0.0', '::'];

/** Why other machines could not reach this one, in words that follow the name of the setting. */
function addressProblem(
  url: string | undefined,
  { host, tls, insecurePlaintext }: Others,
  hasAuthorities: boolean,
): string | undefined {
  // A problem of the setting itself was reported before.
  if (url === undefined) return undefined;
  if (url === '' && WILDCARDS.includes(host)) {
    return `needs --cluster-url with --host ${host}: a URL at which other machines reach this one`;
  }
  const isOpen = !isLoopbackHost(host);
  const isTlsOnly = isOpen && tls !== undefined && !insecurePlaintext;
  if (url !== '') {
    const { hostname, protocol } = new URL(url);
    const name = hostname.replace(/^\[|\]$/g, '');
    if (WILDCARDS.includes(name)) return `is ${url}, which other machines cannot reach`;
    if (isOpen && isLoopbackHost(name))
      return `is ${url}, at which other machines reach themselves, but --host is ${host}`;
    if (isTlsOnly && protocol === 'http:') return `is ${url}, but this server requires TLS of other machines`;
  }
  if (isTlsOnly && tls.files === undefined && !hasAuthorities)
    return 'needs --tls-cert and --tls-key, because other machines do not trust a self-signed certificate';
  return undefined;
}

function parsed(text: string, from: string, problems: string[]): SharedLogSettings | undefined {
  try {
    return parseSharedLogUrl(text);
  } catch (error) {
    if (!(error instanceof SharedLogUrlError)) throw error;
    problems.push(`${from} ${error.message}`);
    return undefined;
  }
}
