import { configLimits } from './limits.ts';
import { isWebOrigin, type Setting, wholeNumber } from './setting.ts';

/** A bucket, and a prefix that has no empty parts. */
const SNAPSHOTS_URL = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[^/?#\s]+)*\/?$/;

/** How a server shares a log with others. */
export const clusterSettings = {
  sharedLog: {
    flag: '--shared-log',
    environment: 'NAGARE_SHARED_LOG',
    expects: 'a URL such as kafka://host:9092/topic or s3://bucket/prefix',
    meaning:
      'log that several machines share, so that another one goes on when one dies: kafka://host:port,host:port/topic or s3://bucket/prefix, with options as in docs/cluster.md. Requires --master-key-file and --s3-endpoint (default: none)',
    fallback: '',
    parse: (text) => text,
  } satisfies Setting<string>,
  clusterUrl: {
    flag: '--cluster-url',
    environment: 'NAGARE_CLUSTER_URL',
    expects: 'an http or https URL without a path, such as https://nagare-1.example.com:4566',
    meaning:
      'URL at which the other machines that share the log reach this one; default: its own address and port. Requires --shared-log',
    fallback: '',
    parse: (text) => (text === '' || isWebOrigin(text) ? text.replace(/\/$/, '') : undefined),
  } satisfies Setting<string>,
  clusterCa: {
    flag: '--cluster-ca',
    environment: 'NAGARE_CLUSTER_CA',
    expects: 'a PEM file',
    meaning:
      'authorities that signed the certificates of the other machines that share the log; default: those of Node.js. Requires --shared-log',
    fallback: '',
    parse: (text) => text,
  } satisfies Setting<string>,
  takeOverAfter: {
    flag: '--take-over-after',
    environment: 'NAGARE_TAKE_OVER_AFTER',
    expects: `a whole number of seconds from 1 to ${configLimits.takeOverAfterSecondsMax}`,
    meaning:
      'seconds without a sign of the owner of the shared log after which another machine takes over; the same on all machines. Requires --shared-log',
    fallback: '5',
    parse: (text) => wholeNumber(text, 1, configLimits.takeOverAfterSecondsMax),
  } satisfies Setting<number>,
  standbyReads: {
    flag: '--standby-reads',
    environment: 'NAGARE_STANDBY_READS',
    expects: `a whole number of seconds from 1 to ${configLimits.standbyReadsSecondsMax}`,
    meaning:
      'seconds that reads may be old, so that machines that do not own the shared log answer them, too; docs/cluster.md lists them (default: none, and the owner answers all). Requires --shared-log',
    fallback: '',
    parse: (text) => (text === '' ? 0 : wholeNumber(text, 1, configLimits.standbyReadsSecondsMax)),
  } satisfies Setting<number>,
  snapshots: {
    flag: '--snapshots',
    environment: 'NAGARE_SNAPSHOTS',
    expects: 's3://bucket/prefix',
    meaning:
      'place in the S3 of --s3-endpoint for snapshots of the shared log, so that the log can be trimmed and new machines join: s3://bucket/prefix; the same on all machines (default: none, and the log is never trimmed). Requires --shared-log',
    fallback: '',
    parse: (text) => (text === '' || SNAPSHOTS_URL.test(text) ? text : undefined),
  } satisfies Setting<string>,
  snapshotMinutes: {
    flag: '--snapshot-minutes',
    environment: 'NAGARE_SNAPSHOT_MINUTES',
    expects: `a whole number of minutes from 1 to ${configLimits.snapshotMinutesMax}`,
    meaning: 'minutes from one snapshot to the next. Requires --snapshots',
    fallback: '60',
    parse: (text) => wholeNumber(text, 1, configLimits.snapshotMinutesMax),
  } satisfies Setting<number>,
  snapshotMebibytes: {
    flag: '--snapshot-mebibytes',
    environment: 'NAGARE_SNAPSHOT_MEBIBYTES',
    expects: `a whole number of MiB from 1 to ${configLimits.snapshotMebibytesMax}`,
    meaning:
      'growth of the shared log, in MiB, after which a snapshot is taken before its time. Requires --snapshots',
    fallback: '10240',
    parse: (text) => wholeNumber(text, 1, configLimits.snapshotMebibytesMax),
  } satisfies Setting<number>,
  snapshotsKept: {
    flag: '--snapshots-kept',
    environment: 'NAGARE_SNAPSHOTS_KEPT',
    expects: `a whole number from 1 to ${configLimits.snapshotsKeptMax}`,
    meaning: 'snapshots that are kept at least. Requires --snapshots',
    fallback: '3',
    parse: (text) => wholeNumber(text, 1, configLimits.snapshotsKeptMax),
  } satisfies Setting<number>,
  logRetentionHours: {
    flag: '--log-retention-hours',
    environment: 'NAGARE_LOG_RETENTION_HOURS',
    expects: `a whole number of hours from 0 to ${configLimits.logRetentionHoursMax}`,
    meaning:
      'hours to any time of which a data folder can be restored: the shared log, and a snapshot before them, are kept for so long. Requires --snapshots',
    fallback: '24',
    parse: (text) => wholeNumber(text, 0, configLimits.logRetentionHoursMax),
  } satisfies Setting<number>,
  snapshotRate: {
    flag: '--snapshot-rate',
    environment: 'NAGARE_SNAPSHOT_RATE',
    expects: `a whole number of MiB per second from 1 to ${configLimits.snapshotRateMax}`,
    meaning:
      'MiB per second that a snapshot reads from the disk and writes to S3, together. Requires --snapshots',
    fallback: '64',
    parse: (text) => wholeNumber(text, 1, configLimits.snapshotRateMax),
  } satisfies Setting<number>,
};
