import { isIP } from 'node:net';
import { configLimits } from './limits.ts';
import { parseEgressException } from '../support/egress.ts';
import { isLoopbackAddress } from '../support/loopback.ts';
import { LIMITS_MODES, type LimitsMode } from './kinesis-limits.ts';

/** A setting that flags, the environment and `nagare.yaml` (under its name in `settings`) may give. */
export interface Setting<Value> {
  readonly flag: string;
  readonly environment: string;
  /** Completes "must be ...". */
  readonly expects: string;
  /** What it is for, in the help text and in docs/configuration.md. */
  readonly meaning: string;
  /** As a user would write it; empty for nothing. */
  readonly fallback: string;
  /** What the flag means when no value follows it; without this, one must. */
  readonly alone?: string;
  /** May be given more than once, as a list in `nagare.yaml`, and with commas in between. */
  readonly isList?: true;
  /** Undefined when `text` is not what is expected. */
  parse(text: string): Value | undefined;
}

export const settings = {
  host: {
    flag: '--host',
    environment: 'NAGARE_HOST',
    expects: 'a loopback address (127.0.0.1, ::1 or localhost)',
    meaning: 'address to listen on',
    fallback: '127.0.0.1',
    parse: (text) => (isLoopback(text) ? text : undefined),
  } satisfies Setting<string>,
  port: {
    flag: '--port',
    environment: 'NAGARE_PORT',
    expects: 'a whole number from 0 to 65535 (0 takes a free port)',
    meaning: 'port for all services; 0 takes a free one',
    fallback: '4566',
    parse: (text) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined),
  } satisfies Setting<number>,
  dataDir: {
    flag: '--data-dir',
    environment: 'NAGARE_DATA_DIR',
    expects: 'a folder',
    meaning: 'folder that holds all data',
    fallback: './nagare-data',
    parse: (text) => (text === '' ? undefined : text),
  } satisfies Setting<string>,
  region: {
    flag: '--region',
    environment: 'NAGARE_REGION',
    expects: 'a region in the form of AWS, such as us-east-1, us-gov-west-1 or us-iso-east-1',
    meaning: 'region in ARNs, in the form of AWS: us-east-1, us-gov-west-1, us-iso-east-1',
    fallback: 'us-east-1',
    // The form that the patterns of ARNs in AWS's models have: any other would be refused in our own ARNs.
    parse: (text) => (/^[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-\d$/.test(text) ? text : undefined),
  } satisfies Setting<string>,
  accountId: {
    flag: '--account-id',
    environment: 'NAGARE_ACCOUNT_ID',
    expects: '12 digits',
    meaning: 'account in ARNs',
    fallback: '000000000000',
    parse: (text) => (/^\d{12}$/.test(text) ? text : undefined),
  } satisfies Setting<string>,
  tls: {
    flag: '--tls',
    environment: 'NAGARE_TLS',
    expects: 'on or off',
    meaning: 'also accept TLS on this port; with a self-signed certificate, unless you supply one',
    fallback: 'off',
    alone: 'on',
    parse: (text) => (['on', 'off'] as const).find((word) => word === text),
  } satisfies Setting<'on' | 'off'>,
  tlsCert: {
    flag: '--tls-cert',
    environment: 'NAGARE_TLS_CERT',
    expects: 'a PEM file',
    meaning: 'certificate (and its chain) for TLS; requires --tls-key',
    fallback: '',
    parse: (text) => text,
  } satisfies Setting<string>,
  tlsKey: {
    flag: '--tls-key',
    environment: 'NAGARE_TLS_KEY',
    expects: 'a PEM file',
    meaning: "the certificate's private key",
    fallback: '',
    parse: (text) => text,
  } satisfies Setting<string>,
  corsOrigin: {
    flag: '--cors-origin',
    environment: 'NAGARE_CORS_ORIGIN',
    expects: 'an origin such as http://localhost:3000 (no path; each by its name)',
    meaning:
      'origin of web pages that may call the server; no page may unless its origin is given. Repeatable; commas separate several',
    fallback: '',
    isList: true,
    parse: (text) => listOf(text, isOrigin),
  } satisfies Setting<readonly string[]>,
  allowHost: {
    flag: '--allow-host',
    environment: 'NAGARE_ALLOW_HOST',
    expects: 'a host name or address, without a port',
    meaning:
      'name by which the server is reached besides localhost and its address; names below it are buckets. Repeatable; commas separate several',
    fallback: '',
    isList: true,
    parse: (text) => listOf(text, isHostName),
  } satisfies Setting<readonly string[]>,
  workers: {
    flag: '--workers',
    environment: 'NAGARE_WORKERS',
    expects: `a whole number from 0 to ${configLimits.workersMax}`,
    meaning: 'extra threads for large PutRecords and GetRecords, for machines with more than two cores',
    fallback: '0',
    parse: (text) =>
      /^\d{1,3}$/.test(text) && Number(text) <= configLimits.workersMax ? Number(text) : undefined,
  } satisfies Setting<number>,
  lifecycleMs: {
    flag: '--lifecycle-ms',
    environment: 'NAGARE_LIFECYCLE_MS',
    expects: 'a whole number of milliseconds from 0 to 600000',
    meaning:
      'how long a stream or consumer is CREATING, UPDATING or DELETING; 0: changes are complete when answered',
    fallback: '0',
    parse: (text) => (/^\d{1,6}$/.test(text) && Number(text) <= 600_000 ? Number(text) : undefined),
  } satisfies Setting<number>,
  limits: {
    flag: '--limits',
    environment: 'NAGARE_LIMITS',
    expects: 'aws or none',
    meaning: "limits that are enforced on streams: aws for AWS's own, or none",
    fallback: 'none',
    parse: (text) => LIMITS_MODES.find((mode) => mode === text),
  } satisfies Setting<LimitsMode>,
  streamIds: {
    flag: '--stream-ids',
    environment: 'NAGARE_STREAM_IDS',
    expects: 'shown or hidden',
    meaning:
      'whether DescribeStreamSummary returns the StreamId. Keep it hidden for the KCL: with a StreamId the SDKs ignore your endpoint and call AWS',
    fallback: 'hidden',
    parse: (text) => (['shown', 'hidden'] as const).find((word) => word === text),
  } satisfies Setting<'shown' | 'hidden'>,
  egressAllow: {
    flag: '--egress-allow',
    environment: 'NAGARE_EGRESS_ALLOW',
    expects: 'a host, an address or a range in CIDR notation, with or without :port ([::1]:80 for IPv6)',
    meaning:
      'address that HTTP subscriptions and list logs on another S3 may reach although it is link-local, the metadata service of a cloud, or nagare itself: a host, an address or a range, with or without :port. Repeatable; commas separate several',
    fallback: '',
    isList: true,
    parse: (text) => listOf(text, (item) => parseEgressException(item) !== undefined),
  } satisfies Setting<readonly string[]>,
  masterKeyFile: {
    flag: '--master-key-file',
    environment: 'NAGARE_MASTER_KEY_FILE',
    expects: 'a file that holds base64 of 32 bytes, or the name of a systemd credential that does',
    meaning:
      'file with the key under which encrypted streams are stored, for its owner alone (base64 of 32 bytes: `openssl rand -base64 32`), or the name of a systemd credential; without it, `keys/master.key` in the data folder',
    fallback: '',
    parse: (text) => text,
  } satisfies Setting<string>,
  functionIsolation: {
    flag: '--function-isolation',
    environment: 'NAGARE_FUNCTION_ISOLATION',
    expects: 'auto, strict, user or off',
    meaning:
      'how functions are isolated from the server: strict (own namespaces, another user), user (another user), off, or auto for the first of these that this machine supports; `nagare doctor` says which and why',
    fallback: 'auto',
    parse: (text) => (['auto', 'strict', 'user', 'off'] as const).find((word) => word === text),
  } satisfies Setting<'auto' | 'strict' | 'user' | 'off'>,
  logFormat: {
    flag: '--log-format',
    environment: 'NAGARE_LOG_FORMAT',
    expects: 'text or json',
    meaning: "form of the server's own log on standard error: text or json",
    fallback: 'text',
    parse: (text) => (['text', 'json'] as const).find((format) => format === text),
  } satisfies Setting<'text' | 'json'>,
  logLevel: {
    flag: '--log-level',
    environment: 'NAGARE_LOG_LEVEL',
    expects: 'debug, info, warn, error or silent',
    meaning: 'minimum log level: debug, info, warn, error or silent',
    fallback: 'info',
    parse: (text) => (['debug', 'info', 'warn', 'error', 'silent'] as const).find((level) => level === text),
  } satisfies Setting<'debug' | 'info' | 'warn' | 'error' | 'silent'>,
};

/**
 * The key itself in the environment, which other processes of the same user can read. `masterKeyFile` takes its place;
 * this is read for one version more, with a warning.
 */
export const masterKeySetting = {
  environment: 'NAGARE_MASTER_KEY',
  expects: 'base64 of 32 bytes (openssl rand -base64 32)',
  isValid: (text: string) => /^[A-Za-z0-9+/]{43}=$/.test(text),
};

export type SettingName = keyof typeof settings;

// Object.keys gives strings; these are the keys of the very object.
export const settingNames = Object.keys(settings) as SettingName[];

/** The file with the rest; not a setting of the file itself. */
export const configFile = {
  flag: '--config',
  environment: 'NAGARE_CONFIG',
  fallback: './nagare.yaml',
} as const;

/** Each by its name: a `*` would let any page run code here, and `null` is every page in a sandboxed frame. */
function isOrigin(text: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*]+$/.test(text)) return false;
  return !/^https?:/.test(text) || (URL.canParse(text) && new URL(text).origin === text);
}

/** Without a port: a host is known by its name whatever port leads to it. */
function isHostName(text: string): boolean {
  return isIP(text) !== 0 || /^(?!.*\.\.)(?!-)[a-zA-Z0-9._-]*[a-zA-Z0-9_]$/.test(text);
}

/** `undefined` when one of them is not what it should be. */
function listOf(text: string, isValid: (item: string) => boolean): readonly string[] | undefined {
  const items = text.split(',').map((item) => item.trim());
  if (text.trim() === '') return [];
  return items.every(isValid) ? items : undefined;
}

function isLoopback(host: string): boolean {
  return isLoopbackAddress(host) || host === 'localhost';
}
