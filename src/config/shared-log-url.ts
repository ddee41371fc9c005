import { isIP } from 'node:net';
import { isLoopbackHost } from '../support/loopback.ts';
import { configLimits } from './limits.ts';

/** Where the log is that several machines share, as one URL says it. Secrets are never in it: command lines are public. */
export type SharedLogSettings = KafkaLogSettings | S3LogSettings;

export interface KafkaLogSettings {
  readonly store: 'kafka';
  readonly brokers: readonly { readonly host: string; readonly port: number }[];
  readonly topic: string;
  /** Files as they were given: paths, which may be relative. */
  readonly tls:
    | { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string }
    | undefined;
  readonly sasl:
    | {
        readonly mechanism: SaslMechanism;
        /** Empty for OAUTHBEARER. */
        readonly user: string;
        /** A path, or the name of a systemd credential. */
        readonly secretFile: string;
      }
    | undefined;
  readonly durability: 'quorum-memory' | 'quorum-fsync';
  readonly compression: 'none' | 'zstd';
  /** Of a topic that nagare creates; undefined for three, or as many as there are brokers. */
  readonly replicas: number | undefined;
}

export interface S3LogSettings {
  readonly store: 's3';
  readonly bucket: string;
  /** Ends with a slash. */
  readonly prefix: string;
  /** Undefined for AWS's own. */
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  /** How long frames wait for others, which then are one object. */
  readonly delayMs: number;
}

const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const;
type SaslMechanism = (typeof mechanisms)[number];

/** What is wrong with the URL, or an option of it, in words that follow its name. */
export class SharedLogUrlError extends Error {
  override readonly name = 'SharedLogUrlError';
}

/**
 * Parses `kafka://[user@]host:port,host:port/topic?option=value` and `s3://bucket/prefix?option=value`. Throws
 * SharedLogUrlError.
 */
export function parseSharedLogUrl(text: string): SharedLogSettings {
  const [, scheme = '', authority = '', path = '', query = ''] =
    /^(\w+):\/\/([^/?#]*)\/?([^?#]*)(?:\?([^#]*))?$/.exec(text) ?? [];
  const options = new Options(query);
  const settings = scheme === 'kafka' ? kafkaLog(authority, path, options) : undefined;
  const found = settings ?? (scheme === 's3' ? s3Log(authority, path, options) : undefined);
  if (found === undefined) throw new SharedLogUrlError('must begin with kafka:// or s3://');
  options.requireAllRead();
  return found;
}

function kafkaLog(authority: string, topic: string, options: Options): KafkaLogSettings {
  const at = authority.lastIndexOf('@');
  const user = decoded(authority.slice(0, Math.max(0, at)));
  if (authority.slice(0, Math.max(0, at)).includes(':')) {
    throw new SharedLogUrlError(
      'must not contain a password, which other users of the machine could see: put it in a file, and add secret=FILE',
    );
  }
  if (!/^[\w.-]{1,249}$/.test(topic) || /^\.+$/.test(topic)) {
    throw new SharedLogUrlError('must end with a topic: letters, digits, dots, underscores and hyphens');
  }
  const brokers = authority
    .slice(at + 1)
    .split(',')
    .map(broker);
  const tls = tlsOf(options);
  const sasl = saslOf(user, options);
  const isLocal = brokers.every(({ host }) => isLoopbackHost(host));
  const isSecretSent = sasl?.mechanism === 'PLAIN' || sasl?.mechanism === 'OAUTHBEARER';
  if (isSecretSent && tls === undefined && !isLocal) {
    throw new SharedLogUrlError(`sends the secret as it is with sasl=${sasl.mechanism}: add tls=on`);
  }
  return {
    store: 'kafka',
    brokers,
    topic,
    tls,
    sasl,
    durability: options.oneOf('durability', ['quorum-memory', 'quorum-fsync']) ?? 'quorum-memory',
    compression: options.oneOf('compression', ['none', 'zstd']) ?? 'none',
    replicas: options.number('replicas', 1, configLimits.kafkaReplicasMax),
  };
}

/** Characters that a URL gives a meaning are written as %XX. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new SharedLogUrlError(`has a user that is not encoded as in a URL: ${text}`);
  }
}

function broker(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits = ''] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  const port = Number(digits);
  const isHost = bracketed === undefined ? /^[\w.-]+$/.test(host) : isIP(bracketed) === 6;
  if (!isHost || port < 1 || port > 65_535) {
    throw new SharedLogUrlError(`must list brokers as host:port, separated by commas, not '${text}'`);
  }
  return { host, port };
}

function tlsOf(options: Options): KafkaLogSettings['tls'] {
  const isOn = options.oneOf('tls', ['on', 'off']);
  const [caFile, certFile, keyFile] = [options.text('ca'), options.text('cert'), options.text('key')];
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new SharedLogUrlError('needs both cert and key, or neither');
  }
  if (isOn !== 'on') {
    if (caFile === undefined && certFile === undefined) return undefined;
    throw new SharedLogUrlError('has ca, cert or key, which need tls=on');
  }
  return {
    ...(caFile !== undefined && { caFile }),
    ...(certFile !== undefined && { certFile }),
    ...(keyFile !== undefined && { keyFile }),
  };
}

function saslOf(user: string, options: Options): KafkaLogSettings['sasl'] {
  const given = options.oneOf('sasl', mechanisms);
  const secretFile = options.text('secret');
  if (given === undefined && user === '') {
    if (secretFile === undefined) return undefined;
    throw new SharedLogUrlError('has a secret, which needs a user before the brokers, or sasl=OAUTHBEARER');
  }
  const mechanism = given ?? 'SCRAM-SHA-512';
  if (secretFile === undefined) {
    throw new SharedLogUrlError(`needs secret=FILE, or the name of a systemd credential, for ${mechanism}`);
  }
  if ((mechanism === 'OAUTHBEARER') !== (user === '')) {
    throw new SharedLogUrlError(
      mechanism === 'OAUTHBEARER'
        ? 'names a user, but with sasl=OAUTHBEARER the token does'
        : `needs a user before the brokers, as in kafka://USER@..., for ${mechanism}`,
    );
  }
  return { mechanism, user, secretFile };
}

function s3Log(bucket: string, path: string, options: Options): S3LogSettings {
  if (bucket.includes('@')) {
    throw new SharedLogUrlError(
      'must not contain keys: the AWS SDK finds them in the environment, in profiles or at the instance',
    );
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new SharedLogUrlError('must begin with a bucket, as in s3://bucket/prefix');
  }
  const prefix = path.replace(/\/+$/, '');
  if (prefix === '' || prefix.length > configLimits.s3PrefixCharactersMax || /[^\w./-]|\/\//.test(prefix)) {
    throw new SharedLogUrlError(
      `must have a prefix of ${configLimits.s3PrefixCharactersMax} characters at most after the bucket: letters, digits, dots, underscores, hyphens and slashes`,
    );
  }
  const endpoint = options.text('endpoint');
  if (endpoint !== undefined && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) {
    throw new SharedLogUrlError('needs an http or https URL as its endpoint');
  }
  const { s3DelayMsMin, s3DelayMsMax, s3DelayMs } = configLimits;
  return {
    store: 's3',
    bucket,
    prefix: `${prefix}/`,
    endpoint,
    region: options.text('region'),
    delayMs: options.number('delay-ms', s3DelayMsMin, s3DelayMsMax) ?? s3DelayMs,
  };
}

/** The options of a URL, each of which must be known and given once. */
class Options {
  readonly #given = new Map<string, string>();
  readonly #read = new Set<string>();

  constructor(query: string) {
    for (const [name, value] of new URLSearchParams(query)) {
      if (this.#given.has(name)) throw new SharedLogUrlError(`has the option ${name} twice`);
      this.#given.set(name, value);
    }
  }

  text(name: string): string | undefined {
    this.#read.add(name);
    const value = this.#given.get(name);
    if (value === '') throw new SharedLogUrlError(`has the option ${name} without a value`);
    return value;
  }

  oneOf<Value extends string>(name: string, values: readonly Value[]): Value | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = values.find((each) => each === text);
    if (value === undefined) {
      throw new SharedLogUrlError(`must have ${values.join(', ')} as its option ${name}, not ${text}`);
    }
    return value;
  }

  number(name: string, min: number, max: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!/^\d{1,6}$/.test(text) || value < min || value > max) {
      throw new SharedLogUrlError(`must have a whole number from ${min} to ${max} as its option ${name}`);
    }
    return value;
  }

  requireAllRead(): void {
    for (const name of this.#given.keys()) {
      if (this.#read.has(name)) continue;
      const known = [...this.#read].join(', ');
      throw new SharedLogUrlError(`has the option ${name}, which does not exist; there are ${known}`);
    }
  }
}
