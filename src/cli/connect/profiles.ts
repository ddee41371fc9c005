import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Credentials } from '../../auth/sign.ts';
import { hasErrorCode, reasonOf } from '../../support/errno.ts';
import { cliLimits } from '../limits.ts';
import { CommandError, exitCodes, type Terminal } from '../terminal.ts';

type Environment = Terminal['environment'];
type Section = ReadonlyMap<string, string>;
type Sections = ReadonlyMap<string, Section>;

/** What a profile of the AWS CLI says. */
export interface Profile {
  readonly name: string;
  readonly region: string | undefined;
  readonly endpointUrl: string | undefined;
  readonly caBundle: string | undefined;
  /** Undefined if the profile has none. Rejects with CommandError for a source of credentials that is not supported. */
  credentials(): Promise<Credentials | undefined>;
}

/** What needs AWS's own tools to make keys of it. */
const OTHER_SOURCES = [
  'role_arn',
  'sso_session',
  'sso_start_url',
  'web_identity_token_file',
  'login_session',
];

/**
 * Reads a profile from the files of the AWS CLI (docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html).
 * Undefined if there is none of that name. Rejects with CommandError if a file cannot be read.
 */
export async function readProfile(
  name: string,
  service: string,
  environment: Environment,
): Promise<Profile | undefined> {
  const [config, secrets] = await Promise.all([
    sectionsOf(environment['AWS_CONFIG_FILE'] ?? inHome(environment, 'config')),
    sectionsOf(environment['AWS_SHARED_CREDENTIALS_FILE'] ?? inHome(environment, 'credentials')),
  ]);
  const settings = config.get(name === 'default' ? 'default' : `profile ${name}`) ?? config.get(name);
  const keys = secrets.get(name);
  if (settings === undefined && keys === undefined) return undefined;
  return {
    name,
    region: settings?.get('region') ?? keys?.get('region'),
    endpointUrl: endpointIn(settings, service, config),
    caBundle: settings?.get('ca_bundle'),
    credentials: () => credentialsOf(name, { keys, settings }),
  };
}

function inHome({ HOME: home }: Environment, file: string): string | undefined {
  return home === undefined ? undefined : join(home, '.aws', file);
}

/** A section `services NAME` may have an endpoint for one service. */
function endpointIn(settings: Section | undefined, service: string, config: Sections): string | undefined {
  const services = settings?.get('services');
  const own =
    services === undefined ? undefined : config.get(`services ${services}`)?.get(`${service}.endpoint_url`);
  return own ?? settings?.get('endpoint_url');
}

interface Sources {
  readonly keys: Section | undefined;
  readonly settings: Section | undefined;
}

/** The file for keys wins over the one for settings. */
async function credentialsOf(name: string, { keys, settings }: Sources): Promise<Credentials | undefined> {
  for (const section of [keys, settings]) {
    const accessKeyId = section?.get('aws_access_key_id');
    const secretAccessKey = section?.get('aws_secret_access_key');
    const sessionToken = section?.get('aws_session_token');
    if (accessKeyId === undefined || secretAccessKey === undefined) continue;
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  }
  const command = keys?.get('credential_process') ?? settings?.get('credential_process');
  if (command !== undefined) return fromProcess(name, command);
  const other = OTHER_SOURCES.find((key) => keys?.has(key) === true || settings?.has(key) === true);
  if (other === undefined) return undefined;
  throw new CommandError(`the profile ${name} cannot be used`, {
    exitCode: exitCodes.unauthorised,
    why: `it gets its keys by ${other}, which needs AWS's own tools`,
    remedy: `eval "$(aws configure export-credentials --profile ${name} --format env)"`,
  });
}

/** The user's own file names the program: it is trusted as the shell is. */
async function fromProcess(name: string, command: string): Promise<Credentials> {
  try {
    const options = { timeout: cliLimits.credentialProcessMs, maxBuffer: cliLimits.credentialBytesMax };
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command], options);
    const { AccessKeyId, SecretAccessKey, SessionToken } = JSON.parse(stdout) as Readonly<
      Record<string, unknown>
    >;
    if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string') {
      throw new TypeError('its output has no AccessKeyId and SecretAccessKey');
    }
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(typeof SessionToken === 'string' && { sessionToken: SessionToken }),
    };
  } catch (error) {
    throw new CommandError(`the credential_process of the profile ${name} failed`, {
      exitCode: exitCodes.unauthorised,
      why: reasonOf(error),
      remedy: command,
    });
  }
}

/** Sections of an INI file as botocore reads it; keys below an empty key are `<key>.<key>`. */
async function sectionsOf(path: string | undefined): Promise<Sections> {
  if (path === undefined) return new Map();
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return new Map();
    throw new CommandError(`cannot read ${path}: ${reasonOf(error)}`);
  }
  return parseSections(text);
}

export function parseSections(text: string): Sections {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  let above = '';
  for (const line of text.split(/\r?\n/)) {
    const [, heading] = /^\s*\[([^\]]+)\]/.exec(line) ?? [];
    if (heading !== undefined) {
      const name = heading.trim().replaceAll(/\s+/g, ' ').replaceAll(/["']/g, '');
      section = sections.get(name) ?? new Map<string, string>();
      sections.set(name, section);
      continue;
    }
    const [, indent = '', key, value = ''] = /^(\s*)([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key === undefined) continue;
    if (indent === '') above = value === '' ? key.toLowerCase() : '';
    const isNested = indent !== '' && above !== '';
    section.set(isNested ? `${above}.${key.toLowerCase()}` : key.toLowerCase(), value);
  }
  return sections;
}
