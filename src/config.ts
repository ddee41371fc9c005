import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { hasErrorCode, reasonOf } from './support/errno.ts';
import {
  type Declarations,
  declarationsOf,
  noDeclarations,
  type Section,
  sectionFields,
} from './config/declarations.ts';
import { type ConfiguredRootKey, credentialNamed, readRootKey, rootKeySettings } from './config/root-key.ts';
import { configFile, masterKeySetting, settingNames, settings, type SettingName } from './config/settings.ts';
import type { DeclaredLimits } from './config/kinesis-limits.ts';
import { limitsReader } from './config/limits-reader.ts';
import {
  described,
  fields,
  inOrder,
  type JsonSchema,
  optional,
  variable,
  variables,
  YamlFile,
} from './config/yaml-reader.ts';
import { closest } from './support/closest.ts';
import { UserError } from './errors.ts';

/**
 * All settings, read and checked once. Flags take precedence over the environment, then `nagare.yaml`, then defaults.
 * All other code gets its settings from this object only.
 */
export interface Config {
  /** Address to listen on. Without a root key only loopback addresses are allowed. */
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Absolute path. */
  readonly dataDir: string;
  readonly region: string;
  readonly accountId: string;
  /** Folder to which relative paths in `nagare.yaml` refer. */
  readonly baseDir: string;
  /** Origins whose web pages may call the server. */
  readonly corsOrigins: readonly string[];
  /** Addresses that may be reached although they are nagare's own, link-local, or a cloud's metadata service. */
  readonly egressAllowed: readonly string[];
  /** Host names of this server besides localhost and its address. */
  readonly allowedHosts: readonly string[];
  readonly logFormat: 'text' | 'json';
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Worker threads besides the main thread. */
  readonly workers: number;
  readonly lifecycleMs: number;
  /** Partitions that a range of a delivery stream may have. */
  readonly activePartitions: number;
  /** Limits of streams: a mode, and single limits that differ from it. */
  readonly limits: DeclaredLimits;
  /** Whether DescribeStreamSummary returns the StreamId. */
  readonly streamIds: 'shown' | 'hidden';
  /**
   * Accept TLS too, with the certificate and key in these files (absolute paths), or with a self-signed certificate.
   */
  readonly tls?: { readonly files?: { readonly cert: string; readonly key: string } };
  /** Undefined: `required` if there is a root key. */
  readonly auth?: 'off' | 'required';
  readonly rootKey?: ConfiguredRootKey;
  /** A proxy does TLS: other machines may use plain HTTP. */
  readonly insecurePlaintext?: boolean;
  /** How functions are isolated from the server; auto: the strongest level that this machine supports. */
  readonly functionIsolation: 'auto' | 'strict' | 'user' | 'off';
  /** Absolute path; without it, the data folder has its own key file. */
  readonly masterKeyFile?: string;
  /** Base64 of 32 bytes, from the deprecated variable. */
  readonly masterKey?: string;
  /** Streams, functions and other resources that the server creates at startup. */
  readonly declarations: Declarations;
  /** Parts of the environment that were ignored, one line each. */
  readonly warnings?: readonly string[];
  /** Declared streams may end up with fewer shards. */
  readonly allowReshard?: boolean;
}

/** All problems of the settings, one per line, each with the accepted values. */
export class ConfigError extends UserError {
  override readonly name = 'ConfigError';

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

export interface ConfigSources {
  /** As given on the command line. */
  readonly flags: Readonly<Partial<Record<SettingName | 'config', string>>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  /**
   * The sections of `nagare.yaml` that may be declared. Without it declarations are not read: only the server needs
   * them.
   */
  readonly sections?: readonly Section<unknown>[];
}

/** Throws ConfigError. */
export async function readConfig(sources: ConfigSources): Promise<Config> {
  const file = await readFileSettings(sources);
  const problems: string[] = [];
  const unknown = unknownVariables(sources.environment);
  const warnings = kubernetesVariables(sources.environment);
  // Only the server, which reads all settings, refuses to start because of an unknown one.
  (sources.sections === undefined ? warnings : problems).push(...unknown);
  problems.push(...file.problems);
  const value = <Name extends SettingName>(name: Name) => read(name, sources, file, problems);
  const config = {
    host: value('host'),
    port: value('port'),
    region: value('region'),
    accountId: value('accountId'),
    corsOrigins: value('corsOrigin'),
    egressAllowed: value('egressAllow'),
    allowedHosts: value('allowHost'),
    logFormat: value('logFormat'),
    logLevel: value('logLevel'),
    dataDir: value('dataDir'),
    workers: value('workers'),
    lifecycleMs: value('lifecycleMs'),
    activePartitions: value('activePartitions'),
    streamIds: value('streamIds'),
    functionIsolation: value('functionIsolation'),
    limits: { ...file.limits, mode: value('limits') },
  };
  const tls = readTls(sources, file, problems);
  const masterKey = readMasterKey(sources, file, problems);
  const auth = value('auth');
  const isPlaintext = value('insecurePlaintext') === 'on';
  const rootKey = await readRootKey(sources, problems);
  // Other problems of declarations are reported once the services have checked them too.
  if (problems.length > 0) throw new ConfigError([...problems, ...inOrder(file.declarations.problems)]);
  const dataDirBase = given('dataDir', sources) === undefined ? file.folder : sources.workingFolder;
  return {
    ...config,
    dataDir: resolve(dataDirBase, config.dataDir),
    baseDir: file.folder,
    declarations: file.declarations,
    ...(warnings.length > 0 && { warnings }),
    ...(tls !== undefined && { tls }),
    ...(auth !== '' && { auth }),
    ...(isPlaintext && { insecurePlaintext: true }),
    ...(rootKey !== undefined && { rootKey }),
    ...masterKey,
  };
}

/**
 * A certificate without a key, or a key without a certificate, is a mistake; both together enable TLS. The message
 * names the missing setting in the same form as the given one.
 */
function readTls(sources: ConfigSources, file: FileSettings, problems: string[]): Config['tls'] {
  const path = (name: 'tlsCert' | 'tlsKey'): string | undefined => {
    const text = read(name, sources, file, problems);
    const base = given(name, sources) === undefined ? file.folder : sources.workingFolder;
    return text === '' ? undefined : resolve(base, text);
  };
  const needs = (present: SettingName, missing: SettingName): string => {
    const { origin, called } = written(present, sources, file);
    return `${origin} needs ${called(missing)}`;
  };
  const wanted = read('tls', sources, file, problems);
  const [cert, key] = [path('tlsCert'), path('tlsKey')];
  if (cert !== undefined && key !== undefined) return { files: { cert, key } };
  if (cert !== undefined) problems.push(`${needs('tlsCert', 'tlsKey')}: the private key of the certificate`);
  if (key !== undefined) problems.push(`${needs('tlsKey', 'tlsCert')}: the certificate of the key`);
  return wanted === 'on' ? {} : undefined;
}

/** From a file or the deprecated variable. Messages about the key never contain the key. */
function readMasterKey(
  sources: ConfigSources,
  file: FileSettings,
  problems: string[],
): Pick<Config, 'masterKey' | 'masterKeyFile'> {
  const { environment, expects, isValid } = masterKeySetting;
  const key = sources.environment[environment];
  const { origin, text: path } = written('masterKeyFile', sources, file);
  if (key !== undefined && !isValid(key)) problems.push(`${environment} must be ${expects}`);
  if (path === '') return key === undefined ? {} : { masterKey: key };
  if (key !== undefined) problems.push(`${environment} and ${origin} are both set; remove ${environment}`);
  const base = given('masterKeyFile', sources) === undefined ? file.folder : sources.workingFolder;
  return { masterKeyFile: credentialNamed(path, sources) ?? resolve(base, path) };
}

type ValueOfSetting<Name extends SettingName> = NonNullable<ReturnType<(typeof settings)[Name]['parse']>>;

function read<Name extends SettingName>(
  name: Name,
  sources: ConfigSources,
  file: FileSettings,
  problems: string[],
): ValueOfSetting<Name> {
  const { expects, parse } = settings[name];
  const { origin, text } = written(name, sources, file);
  const value = parse(text);
  if (value === undefined) {
    problems.push(`${origin} is "${text}"; it must be ${expects}`);
  }
  // `parse` belongs to this setting; when it returned undefined, the recorded problem keeps the value from being used.
  return value as ValueOfSetting<Name>;
}

interface SettingValue {
  /** Where the user set it: a flag, a variable, or a line of the file. */
  readonly origin: string;
  readonly text: string;
  /** How the user would set another setting in the same place. */
  readonly called: (other: SettingName) => string;
}

const inFile = (other: SettingName): string => other;

/** The value from the source with the highest precedence. */
function written(name: SettingName, sources: ConfigSources, file: FileSettings): SettingValue {
  const byDefault = { origin: 'the default', text: settings[name].fallback, called: inFile };
  return given(name, sources) ?? file.values.get(name) ?? byDefault;
}

function given(name: SettingName, sources: ConfigSources): SettingValue | undefined {
  const { flag, environment } = settings[name];
  const argument = sources.flags[name];
  if (argument !== undefined)
    return { origin: flag, text: argument, called: (other) => settings[other].flag };
  const variable = sources.environment[environment];
  if (variable === undefined || isServiceLink(environment, variable)) return undefined;
  return { origin: environment, text: variable, called: (other) => settings[other].environment };
}

/** Kubernetes sets such variables for services called nagare or nagare-...; they are not settings. */
const SERVICE_LINK =
  /^NAGARE_([A-Z0-9_]+_)?(SERVICE_(HOST|PORT)(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_[A-Z]+)?)$/;

function isServiceLink(name: string, value: string | undefined): boolean {
  return (
    SERVICE_LINK.test(name) ||
    (/^NAGARE_([A-Z0-9_]+_)?PORT$/.test(name) && /^(tcp|udp|sctp):\/\//.test(value ?? ''))
  );
}

function kubernetesVariables(environment: ConfigSources['environment']): string[] {
  const names = Object.keys(environment).filter((name) => isServiceLink(name, environment[name]));
  if (names.length === 0) return [];
  return [
    `ignored ${names.join(', ')}: Kubernetes sets these variables for services, unless enableServiceLinks is false`,
  ];
}

function unknownVariables(environment: ConfigSources['environment']): string[] {
  const known = [
    ...settingNames.map((name) => settings[name].environment),
    configFile.environment,
    masterKeySetting.environment,
    rootKeySettings.accessKeyId,
    rootKeySettings.secretAccessKey,
    rootKeySettings.secretAccessKeyFile,
  ];
  return Object.keys(environment)
    .filter(
      (name) =>
        name.startsWith('NAGARE_') && !known.includes(name) && !isServiceLink(name, environment[name]),
    )
    .map((name) => {
      const meant = closest(name, known);
      const hint = meant === undefined ? `known settings: ${known.join(', ')}` : `did you mean ${meant}?`;
      return `unknown setting ${name} in the environment; ${hint}`;
    });
}

interface FileSettings {
  /** The folder of the file, whether or not the file exists. */
  readonly folder: string;
  readonly values: ReadonlyMap<SettingName, SettingValue>;
  readonly limits: DeclaredLimits;
  readonly declarations: Declarations;
  readonly problems: readonly string[];
}

async function readFileSettings(sources: ConfigSources): Promise<FileSettings> {
  const named = sources.flags.config ?? sources.environment[configFile.environment];
  const path = resolve(sources.workingFolder, named ?? configFile.fallback);
  const nothing: FileSettings = {
    folder: dirname(path),
    values: new Map(),
    limits: {},
    declarations: noDeclarations,
    problems: [],
  };
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const absent = hasErrorCode(error, 'ENOENT');
    if (absent && named === undefined) return nothing;
    const reason = absent ? 'the file does not exist' : reasonOf(error);
    return { ...nothing, problems: [`cannot read ${relative(sources.workingFolder, path)}: ${reason}`] };
  }
  return { ...nothing, ...parse(relative(sources.workingFolder, path), text, sources.sections) };
}

/** Settings in the file's format. `variable` accepts unquoted numbers and booleans. */
const settingFields = {
  host: optional(setting('host')),
  port: optional(setting('port')),
  dataDir: optional(setting('dataDir')),
  region: optional(setting('region')),
  accountId: optional(setting('accountId')),
  auth: optional(setting('auth')),
  insecurePlaintext: optional(setting('insecurePlaintext')),
  tls: optional(setting('tls')),
  tlsCert: optional(setting('tlsCert')),
  tlsKey: optional(setting('tlsKey')),
  corsOrigin: optional(described(settings.corsOrigin.meaning, variables)),
  egressAllow: optional(described(settings.egressAllow.meaning, variables)),
  allowHost: optional(described(settings.allowHost.meaning, variables)),
  workers: optional(setting('workers')),
  lifecycleMs: optional(setting('lifecycleMs')),
  activePartitions: optional(setting('activePartitions')),
  streamIds: optional(setting('streamIds')),
  masterKeyFile: optional(setting('masterKeyFile')),
  functionIsolation: optional(setting('functionIsolation')),
  limits: optional(described(settings.limits.meaning, limitsReader)),
  logFormat: optional(setting('logFormat')),
  logLevel: optional(setting('logLevel')),
};

function setting(name: SettingName) {
  return described(settings[name].meaning, variable);
}

/** The JSON Schema of `nagare.yaml`. */
export function fileSchema(sections: readonly Section<unknown>[]): JsonSchema {
  const { schema } = fields({ ...settingFields, ...sectionFields(sections) });
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: 'nagare.yaml', ...schema };
}

/** The declarations of a file, with all problems of the file. Throws ConfigError when it is not valid YAML. */
export function readDeclarations(
  name: string,
  text: string,
  sections: readonly Section<unknown>[],
): Declarations {
  const file = new YamlFile(name, text);
  const all = { ...settingFields, ...sectionFields(sections) };
  const content = file.found.length === 0 ? file.read(fields(all)) : undefined;
  if (content === undefined) throw new ConfigError(inOrder(file.found));
  return declarationsOf(file, content, sections, file.found);
}

function parse(
  name: string,
  text: string,
  sections: readonly Section<unknown>[] | undefined,
): Omit<FileSettings, 'folder'> {
  const file = new YamlFile(name, text);
  const all = { ...settingFields, ...sectionFields(sections ?? []) };
  const others = sections === undefined ? 'ignored' : 'refused';
  const content = file.found.length === 0 ? file.read(fields(all, others)) : undefined;
  const values = new Map<SettingName, SettingValue>();
  if (content === undefined)
    return { values, limits: {}, declarations: noDeclarations, problems: inOrder(file.found) };
  for (const key of settingNames) {
    const given = key === 'limits' ? content.limits?.mode : content[key];
    if (given !== undefined) values.set(key, { origin: `${key} in ${name}`, text: given, called: inFile });
  }
  const declarations = declarationsOf(file, content, sections ?? []);
  const ofDeclarations = new Set(declarations.problems);
  return {
    values,
    limits: content.limits ?? {},
    declarations,
    problems: inOrder(file.found.filter((problem) => !ofDeclarations.has(problem))),
  };
}
