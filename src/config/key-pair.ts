import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { reasonOf } from '../support/errno.ts';

export interface Environment {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
}

export interface ConfiguredKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The file that the secret was read from, as an absolute path. */
  readonly file?: string;
}

/** Variables that give an access key. Not flags: other users of the machine see command lines. */
export interface KeyVariables {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly secretAccessKeyFile: string;
  /** The key, in messages. */
  readonly subject: string;
  readonly idExpects: string;
  isId(text: string): boolean;
  readonly secretExpects: string;
  isSecret(text: string): boolean;
}

export const rootKeySettings: KeyVariables = {
  accessKeyId: 'NAGARE_ROOT_ACCESS_KEY_ID',
  secretAccessKey: 'NAGARE_ROOT_SECRET_ACCESS_KEY',
  secretAccessKeyFile: 'NAGARE_ROOT_SECRET_ACCESS_KEY_FILE',
  subject: 'the root key',
  idExpects: '3 to 128 letters, digits or underscores',
  isId: (text) => /^\w{3,128}$/.test(text),
  secretExpects: 'at least 16 characters without blanks (openssl rand -base64 30)',
  isSecret: (text) => /^[\x21-\x7e]{16,512}$/.test(text),
};

/** The key for the store that `--s3-endpoint` names. */
export const storeKeySettings: KeyVariables = {
  accessKeyId: 'NAGARE_S3_ACCESS_KEY_ID',
  secretAccessKey: 'NAGARE_S3_SECRET_ACCESS_KEY',
  secretAccessKeyFile: 'NAGARE_S3_SECRET_ACCESS_KEY_FILE',
  subject: 'the key for --s3-endpoint',
  idExpects: '1 to 256 characters without blanks',
  isId: (text) => /^[\x21-\x7e]{1,256}$/.test(text),
  secretExpects: '1 to 512 characters without blanks',
  isSecret: (text) => /^[\x21-\x7e]{1,512}$/.test(text),
};

/** From the environment, the secret possibly from a file. Messages never contain the secret. */
export async function readKeyPair(
  names: KeyVariables,
  sources: Environment,
  problems: string[],
): Promise<ConfiguredKey | undefined> {
  const { environment, workingFolder } = sources;
  const accessKeyId = environment[names.accessKeyId];
  const path = environment[names.secretAccessKeyFile];
  const file =
    path === undefined ? undefined : (credentialNamed(path, sources) ?? resolve(workingFolder, path));
  const found = problems.length;
  let secretAccessKey = environment[names.secretAccessKey];
  if (accessKeyId === undefined && secretAccessKey === undefined && file === undefined) return undefined;
  if (secretAccessKey !== undefined && file !== undefined) {
    problems.push(`${names.secretAccessKey} and ${names.secretAccessKeyFile} are both set; remove one`);
  }
  if (file !== undefined) {
    try {
      secretAccessKey = (await readFile(file, 'utf8')).trim();
    } catch (error) {
      problems.push(`${names.secretAccessKeyFile}: cannot read ${file}: ${reasonOf(error)}`);
      return undefined;
    }
  }
  if (accessKeyId === undefined)
    problems.push(`${names.accessKeyId} is not set, but the secret of ${names.subject} is`);
  else if (!names.isId(accessKeyId)) problems.push(`${names.accessKeyId} must be ${names.idExpects}`);
  if (secretAccessKey === undefined) {
    problems.push(`${names.accessKeyId} needs ${names.secretAccessKeyFile} or ${names.secretAccessKey}`);
  } else if (!names.isSecret(secretAccessKey)) {
    problems.push(`${file === undefined ? names.secretAccessKey : file} must be ${names.secretExpects}`);
  }
  if (problems.length > found || accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, ...(file !== undefined && { file }) };
}

/** systemd passes credentials to a service as files in a folder (systemd.exec(5), LoadCredential=). */
export function credentialNamed(name: string, { environment }: Environment): string | undefined {
  const folder = environment['CREDENTIALS_DIRECTORY'];
  if (folder === undefined || name.includes('/')) return undefined;
  const path = join(folder, name);
  return existsSync(path) ? path : undefined;
}
