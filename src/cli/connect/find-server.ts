import type { Credentials } from '../../auth/sign.ts';
import { resolve } from 'node:path';
import { CommandError, exitCodes, type Terminal, usageError } from '../terminal.ts';
import { type Context, readContexts } from './contexts.ts';
import { type Profile, readProfile } from './profiles.ts';
import { type TlsFiles, tlsAgent, type TlsAgent } from './tls.ts';

/** How a command calls a server of nagare, or AWS. */
export interface FoundServer {
  /** Of the server; undefined for AWS, where each service has its own. As the user gives it, it may be a list. */
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly credentials: Credentials;
  /** Makes its TLS connections: with a client certificate, or authorities of the user's. */
  readonly agent?: TlsAgent;
}

export interface WhereFlags {
  readonly endpointUrl?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly context?: string | undefined;
  readonly clientCert?: string | undefined;
  readonly clientKey?: string | undefined;
}

/** The endpoint that means AWS itself. */
export const AWS = 'aws';

/**
 * Finds the server as the AWS CLI does: by flags, then the environment, then the profile; after these by the context.
 * `ownEndpoint` is where the settings say that the server is. A profile that the user named, and that has no endpoint,
 * is AWS's. Rejects with CommandError.
 */
export async function findServer(
  flags: WhereFlags,
  { environment, workingFolder }: Pick<Terminal, 'environment' | 'workingFolder'>,
  ownEndpoint: { readonly isGiven: boolean; url(): Promise<string> },
): Promise<FoundServer> {
  const context = await contextOf(flags, environment);
  const named = flags.profile ?? environment['AWS_PROFILE'] ?? context?.profile;
  const profile = await readProfile(named ?? 'default', 'kinesis', environment);
  if (named !== undefined && profile === undefined) {
    throw new CommandError(`there is no profile ${named}`, {
      exitCode: exitCodes.notFound,
      why: 'neither ~/.aws/config nor ~/.aws/credentials has it',
      remedy: 'aws configure list-profiles',
    });
  }
  const given = endpointFor(flags, { environment, context, profile, isOwnGiven: ownEndpoint.isGiven });
  const isOfAws = given === AWS || (given === undefined && named !== undefined && !ownEndpoint.isGiven);
  const endpoint = isOfAws ? undefined : (given ?? (await ownEndpoint.url()));
  const region =
    flags.region ??
    environment['AWS_REGION'] ??
    environment['AWS_DEFAULT_REGION'] ??
    context?.region ??
    profile?.region ??
    'us-east-1';
  const credentials = await credentialsFor(flags, environment, profile);
  const agent = await tlsAgent(tlsFilesFor(flags, { environment, workingFolder, context, profile }));
  return {
    endpoint: checked(endpoint),
    region,
    credentials: credentials ?? anyCredentials(isOfAws),
    ...(agent !== undefined && { agent }),
  };
}

/** The certificate and its key are of one place. */
function tlsFilesFor(
  flags: WhereFlags,
  {
    environment,
    workingFolder,
    context,
    profile,
  }: Omit<Places, 'isOwnGiven'> & Pick<Terminal, 'workingFolder'>,
): TlsFiles {
  const { NAGARE_CLIENT_CERT: clientCert, NAGARE_CLIENT_KEY: clientKey } = environment;
  const ofContext = context?.clientCert === undefined ? undefined : context;
  const isContextGiven = flags.context !== undefined && ofContext !== undefined;
  const places = [
    flags,
    ...(isContextGiven ? [ofContext] : []),
    { clientCert: clientCert || undefined, clientKey: clientKey || undefined },
    ...(ofContext === undefined ? [] : [ofContext]),
  ];
  const found = places.find((place) => place.clientCert !== undefined || place.clientKey !== undefined);
  const path = (file: string | undefined) => (file === undefined ? undefined : resolve(workingFolder, file));
  return {
    caBundle: path(environment['AWS_CA_BUNDLE'] || profile?.caBundle),
    clientCert: path(found?.clientCert),
    clientKey: path(found?.clientKey),
  };
}

interface Places {
  readonly environment: Terminal['environment'];
  readonly context: Context | undefined;
  readonly profile: Profile | undefined;
  /** A flag names the host or the port. */
  readonly isOwnGiven: boolean;
}

function endpointFor(
  flags: WhereFlags,
  { environment, context, profile, isOwnGiven }: Places,
): string | undefined {
  const flag = flags.endpointUrl ?? flags.endpoint;
  if (flag !== undefined) return flag;
  if (isOwnGiven) return undefined;
  const isContextGiven = flags.context !== undefined && context?.endpointUrl !== undefined;
  if (isContextGiven) return context.endpointUrl;
  const { NAGARE_ENDPOINT: own } = environment;
  if (own !== undefined && own !== '' && flags.profile === undefined) return own;
  const isIgnored = environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true';
  const ofEnvironment = isIgnored
    ? undefined
    : (environment['AWS_ENDPOINT_URL_KINESIS'] ?? environment['AWS_ENDPOINT_URL']);
  // A profile that is named on the command line wins over a context that is not.
  const ofContext = flags.profile === undefined ? context?.endpointUrl : undefined;
  return ofEnvironment ?? ofContext ?? (isIgnored ? undefined : profile?.endpointUrl);
}

async function contextOf(
  flags: WhereFlags,
  environment: Terminal['environment'],
): Promise<Context | undefined> {
  const { current, contexts } = await readContexts(environment);
  const name = flags.context ?? current;
  if (name === undefined) return undefined;
  const context = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (context !== undefined) return context;
  throw new CommandError(`there is no context ${name}`, {
    exitCode: exitCodes.notFound,
    remedy: 'nagare context ls',
  });
}

/** A profile that is named on the command line wins over the environment, as for the AWS CLI. */
async function credentialsFor(
  flags: WhereFlags,
  environment: Terminal['environment'],
  profile: Profile | undefined,
): Promise<Credentials | undefined> {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  if (flags.profile === undefined && accessKeyId !== undefined && secretAccessKey !== undefined) {
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  }
  return await profile?.credentials();
}

/** A server without access keys accepts any. */
function anyCredentials(isOfAws: boolean): Credentials {
  if (!isOfAws) return { accessKeyId: 'nagare', secretAccessKey: 'nagare' };
  throw new CommandError('there are no keys for AWS', {
    exitCode: exitCodes.unauthorised,
    why: 'neither the environment nor the profile has them',
    remedy: 'aws configure',
  });
}

function checked(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined || endpointsIn(endpoint).every((url) => /^https?:$/.test(protocolOf(url))))
    return endpoint;
  throw usageError(
    `invalid URL "${endpoint}"; expected a URL such as http://127.0.0.1:4566, several separated by commas, or aws for AWS`,
  );
}

function protocolOf(url: string): string {
  return URL.parse(url)?.protocol ?? '';
}

function endpointsIn(list: string): string[] {
  return list.split(',').map((url) => url.trim());
}

/** One for each address. */
export function addressesOf(server: FoundServer): FoundServer[] {
  const { endpoint } = server;
  return endpoint === undefined
    ? [server]
    : endpointsIn(endpoint).map((url) => ({ ...server, endpoint: url }));
}
