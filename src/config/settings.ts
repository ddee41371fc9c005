import { isIP } from 'node:net';
import { isAddressRange } from '../support/address-range.ts';
import { parseEgressException } from '../support/egress.ts';
import { auditLogSettings } from './audit-settings.ts';
import { clusterSettings } from './cluster-settings.ts';
import { LIMITS_MODES, type LimitsMode } from './kinesis-limits.ts';
import { configLimits } from './limits.ts';
import { otlpSettings } from './otlp-settings.ts';
import { rateSettings } from './rate-settings.ts';
import { isHostName, isOrigin, isWebOrigin, listOf, type Setting } from './setting.ts';

export const settings = {
  host: {
    flag: '--host',
    environment: 'NAGARE_HOST',
    expects: 'an IP address or localhost (0.0.0.0 for all addresses)',
    meaning:
      'address to listen on; other addresses than loopback need a root key, and TLS or --insecure-plaintext',
    fallback: '127.0.0.1',
    parse: (text) => (isIP(text) !== 0 || text === 'localhost' ? text : undefined),
  } satisfies Setting<string>,
  port: {
    flag: '--port',
    environment: 'NAGARE_PORT',
    expects: 'a whole number from 0 to 65535 (0 picks a free port)',
    meaning: 'port for all services; 0 picks a free one',
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
    // The pattern of regions in AWS's models: with any other region nagare's own ARNs would be refused.
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
  auth: {
    flag: '--auth',
    environment: 'NAGARE_AUTH',
    expects: 'off or required',
    meaning:
      'whether requests must have a valid signature: off or required; default: required if there is a root key, otherwise off',
    fallback: '',
    parse: (text) => (['', 'off', 'required'] as const).find((word) => word === text),
  } satisfies Setting<'' | 'off' | 'required'>,
  console: {
    flag: '--console',
    environment: 'NAGARE_CONSOLE',
    expects: 'on, read-only or off',
    meaning: 'web console below /_nagare/console/: on, read-only (it changes nothing), or off',
    fallback: 'on',
    parse: (text) => (['on', 'read-only', 'off'] as const).find((word) => word === text),
  } satisfies Setting<'on' | 'read-only' | 'off'>,
  insecurePlaintext: {
    flag: '--insecure-plaintext',
    environment: 'NAGARE_INSECURE_PLAINTEXT',
    expects: 'on or off',
    meaning:
      'accept requests from other machines without TLS, because a proxy in front of the server does TLS',
    fallback: 'off',
    alone: 'on',
    parse: (text) => (['on', 'off'] as const).find((word) => word === text),
  } satisfies Setting<'on' | 'off'>,
  trustedProxy: {
    flag: '--trusted-proxy',
    environment: 'NAGARE_TRUSTED_PROXY',
    expects:
      'an IP address or a range in CIDR notation; names are refused, because what they resolve to may change',
    meaning:
      'proxy whose X-Forwarded-For is believed, for limits, the audit log and aws:SourceIp: an address or a range (default: none). Repeat the flag, or separate several with commas',
    fallback: '',
    isList: true,
    parse: (text) => listOf(text, isAddressRange),
  } satisfies Setting<readonly string[]>,
  tls: {
    flag: '--tls',
    environment: 'NAGARE_TLS',
    expects: 'on or off',
    meaning: 'also accept TLS on this port; uses a self-signed certificate unless you supply one',
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
  tlsClientCa: {
    flag: '--tls-client-ca',
    environment: 'NAGARE_TLS_CLIENT_CA',
    expects: 'a PEM file',
    meaning:
      'certificates of authorities; a TLS client must have a certificate that one of them signed, in addition to its signature. Requires --tls',
    fallback: '',
    parse: (text) => text,
  } satisfies Setting<string>,
  corsOrigin: {
    flag: '--cors-origin',
    environment: 'NAGARE_CORS_ORIGIN',
    expects: 'an origin such as http://localhost:3000, without a path and without wildcards',
    meaning:
      'origin of web pages that may call the server (default: none). Repeat the flag, or separate several with commas',
    fallback: '',
    isList: true,
    parse: (text) => listOf(text, isOrigin),
  } satisfies Setting<readonly string[]>,
  allowHost: {
    flag: '--allow-host',
    environment: 'NAGARE_ALLOW_HOST',
    expects: 'a host name or address, without a port',
    meaning:
      'additional host name of the server, besides localhost and its address; names below it are buckets. Repeat the flag, or separate several with commas',
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
      'how long a stream or consumer stays CREATING, UPDATING or DELETING; 0: changes are complete when the call returns',
    fallback: '0',
    parse: (text) => (/^\d{1,6}$/.test(text) && Number(text) <= 600_000 ? Number(text) : undefined),
  } satisfies Setting<number>,
  activePartitions: {
    flag: '--active-partitions',
    environment: 'NAGARE_ACTIVE_PARTITIONS',
    expects: `a whole number from 1 to ${configLimits.activePartitionsMax}`,
    meaning:
      'partitions, and so objects, that one range of a delivery stream with dynamic partitioning may have; records of further ones go to the error prefix',
    fallback: '500',
    parse: (text) => {
      if (!/^\d{1,5}$/.test(text)) return undefined;
      const partitions = Number(text);
      return partitions >= 1 && partitions <= configLimits.activePartitionsMax ? partitions : undefined;
    },
  } satisfies Setting<number>,
  limits: {
    flag: '--limits',
    environment: 'NAGARE_LIMITS',
    expects: 'aws or none',
    meaning: "limits enforced on streams: aws for AWS's limits, or none",
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
      'address that HTTP subscriptions and list logs on another S3 may reach although it is link-local, a cloud metadata service, or nagare itself: a host, an address or a range, with or without :port. Repeat the flag, or separate several with commas',
    fallback: '',
    isList: true,
    parse: (text) => listOf(text, (item) => parseEgressException(item) !== undefined),
  } satisfies Setting<readonly string[]>,
  s3Endpoint: {
    flag: '--s3-endpoint',
    environment: 'NAGARE_S3_ENDPOINT',
    expects: 'an http or https URL without a path, such as https://s3.eu-central-1.amazonaws.com',
    meaning:
      'S3 that holds the objects, in place of the data folder; clients use it directly (default: none)',
    fallback: '',
    parse: (text) => (text === '' || isWebOrigin(text) ? text.replace(/\/$/, '') : undefined),
  } satisfies Setting<string>,
  s3Region: {
    flag: '--s3-region',
    environment: 'NAGARE_S3_REGION',
    expects: 'the name of a region',
    meaning: 'region of the S3 that --s3-endpoint names; default: AWS_REGION, or us-east-1',
    fallback: '',
    parse: (text) => (/^[a-z0-9-]{0,64}$/.test(text) ? text : undefined),
  } satisfies Setting<string>,
  ...clusterSettings,
  masterKeyFile: {
    flag: '--master-key-file',
    environment: 'NAGARE_MASTER_KEY_FILE',
    expects: 'a file with 32 bytes in base64, or the name of a systemd credential with them',
    meaning:
      'file with the encryption key of streams, readable only by its owner (create one with `openssl rand -base64 32`), or the name of a systemd credential; default: `keys/master.key` in the data folder',
    fallback: '',
    parse: (text) => text,
  } satisfies Setting<string>,
  functionIsolation: {
    flag: '--function-isolation',
    environment: 'NAGARE_FUNCTION_ISOLATION',
    expects: 'auto, strict, user or off',
    meaning:
      'how functions are isolated from the server: strict (separate namespaces, another user), user (another user), off, or auto for the first of these that this machine supports; `nagare doctor` shows which, and why',
    fallback: 'auto',
    parse: (text) => (['auto', 'strict', 'user', 'off'] as const).find((word) => word === text),
  } satisfies Setting<'auto' | 'strict' | 'user' | 'off'>,
  runtimeFolder: {
    flag: '--runtime-folder',
    environment: 'NAGARE_RUNTIME_FOLDER',
    expects: 'a folder',
    meaning:
      'folder with runtime interface clients, in folders named java, ruby and dotnet or after a runtime (java21), for functions that bring none (default: none)',
    fallback: '',
    parse: (text) => text,
  } satisfies Setting<string>,
  ...rateSettings,
  ...auditLogSettings,
  metricsTokenFile: {
    flag: '--metrics-token-file',
    environment: 'NAGARE_METRICS_TOKEN_FILE',
    expects: 'a file with the token, or the name of a systemd credential with it',
    meaning:
      'file with the bearer token that lets other machines read /metrics if signatures are required, 16 or more characters, readable only by its owner; or the name of a systemd credential',
    fallback: '',
    parse: (text) => text,
  } satisfies Setting<string>,
  ...otlpSettings,
  logFormat: {
    flag: '--log-format',
    environment: 'NAGARE_LOG_FORMAT',
    expects: 'text or json',
    meaning: "format of the server's log on standard error: text or json",
    fallback: 'text',
    parse: (text) => (['text', 'json'] as const).find((format) => format === text),
  } satisfies Setting<'text' | 'json'>,
  logLevel: {
    flag: '--log-level',
    environment: 'NAGARE_LOG_LEVEL',
    expects: 'debug, info, warn, error or silent',
    meaning: 'minimum log level: debug (a line for each request), info, warn, error or silent',
    fallback: 'info',
    parse: (text) => (['debug', 'info', 'warn', 'error', 'silent'] as const).find((level) => level === text),
  } satisfies Setting<'debug' | 'info' | 'warn' | 'error' | 'silent'>,
};

/**
 * The key itself in the environment, where other processes of the same user can read it. Replaced by `masterKeyFile`;
 * accepted for one more version, with a warning.
 */
export const masterKeySetting = {
  environment: 'NAGARE_MASTER_KEY',
  expects: 'base64 of 32 bytes (openssl rand -base64 32)',
  isValid: (text: string) => /^[A-Za-z0-9+/]{43}=$/.test(text),
};

export type SettingName = keyof typeof settings;

export type ValueOfSetting<Name extends SettingName> = NonNullable<
  ReturnType<(typeof settings)[Name]['parse']>
>;

// Object.keys returns strings; these are the keys of this object.
export const settingNames = Object.keys(settings) as SettingName[];

/** The flag and variable for the file itself, which the file cannot set. */
export const configFile = {
  flag: '--config',
  environment: 'NAGARE_CONFIG',
  fallback: './nagare.yaml',
} as const;
