import { open } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { isLoopbackAddress } from '../../support/loopback.ts';
import { DatabaseError } from './errors.ts';
import { databaseLimits } from './limits.ts';

/** The source of a secret. The secret is read when needed and never stored. */
export type SecretReference = { readonly environment: string } | { readonly file: string };

export type Environment = Readonly<Record<string, string | undefined>>;

export interface PostgresSettings {
  /** The source of a URL such as postgresql://user@host:5432/database?sslmode=verify-full. */
  readonly url: SecretReference;
  /** The password, if it is not in the URL. */
  readonly password?: SecretReference;
}

export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: string | undefined;
  readonly tls: ConnectionOptions | undefined;
}

/** Throws DatabaseError. Messages never contain any part of a secret. */
export async function postgresAddress(
  settings: PostgresSettings,
  environment: Environment,
): Promise<PostgresAddress> {
  const url = URL.parse(await secretOf(settings.url, environment, 'URL'));
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol) || url.hostname === '') {
    throw invalid('must be postgresql://user@host:port/database');
  }
  const user = decoded(url.username);
  const database = decoded(url.pathname.slice(1));
  if (user === '' || database === '') throw invalid('must name a user and a database');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const inUrl = url.password === '' ? undefined : decoded(url.password);
  const password =
    settings.password === undefined ? inUrl : await secretOf(settings.password, environment, 'password');
  const port = url.port === '' ? 5432 : Number(url.port);
  return { host, port, user, database, password, tls: await tlsOf(host, url.searchParams) };
}

/** Verifies servers and their names, unless they are on this machine or the URL disables it. */
async function tlsOf(host: string, parameters: URLSearchParams): Promise<ConnectionOptions | undefined> {
  for (const name of parameters.keys()) {
    if (name !== 'sslmode' && name !== 'sslrootcert') {
      throw invalid(`may have the parameters sslmode and sslrootcert, not ${name}`);
    }
  }
  const mode = parameters.get('sslmode') ?? (isLoopback(host) ? 'disable' : 'verify-full');
  if (mode !== 'disable' && mode !== 'verify-full') {
    throw invalid('may have sslmode=verify-full or sslmode=disable, no other sslmode');
  }
  const caFile = parameters.get('sslrootcert');
  if (mode === 'disable') {
    if (caFile !== null) throw invalid('has sslrootcert, which needs sslmode=verify-full');
    return undefined;
  }
  return {
    rejectUnauthorized: true,
    // IP addresses have no server name (SNI), but certificates can include them.
    ...(isIP(host) === 0 && { servername: host }),
    ...(caFile !== null && { ca: await contentOf(caFile, 'file of sslrootcert') }),
  };
}

async function secretOf(reference: SecretReference, environment: Environment, what: string): Promise<string> {
  if ('file' in reference) return (await contentOf(reference.file, `file of the ${what}`)).trim();
  const value = environment[reference.environment] ?? '';
  if (value !== '') return value;
  throw new DatabaseError(
    'Database.InvalidAddress',
    `The environment variable ${reference.environment}, with the ${what} of the database, is not set.`,
  );
}

async function contentOf(path: string, what: string): Promise<string> {
  const { settingsFileBytesMax: bytesMax } = databaseLimits;
  let content: Buffer;
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytesMax + 1));
    content = buffer.subarray(0, bytesRead);
  } catch {
    throw new DatabaseError('Database.InvalidAddress', `The ${what} cannot be read: ${path}`);
  }
  if (content.length <= bytesMax) return content.toString();
  throw new DatabaseError('Database.InvalidAddress', `The ${what} is too large: ${path}`);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid('must have its special characters percent-encoded');
  }
}

function invalid(what: string): DatabaseError {
  return new DatabaseError('Database.InvalidAddress', `The URL of the database ${what}.`);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host);
}
