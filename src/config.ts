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
import { type AuditSettings, readAudit } from './config/audit.ts';
import { type ClusterSettings, readCluster } from './config/cluster.ts';
import { isServiceLink, kubernetesVariables, unknownVariables } from './config/environment.ts';
import { type ConfiguredKey, credentialNamed, readKeyPair, rootKeySettings } from './config/key-pair.ts';
import { type ObjectStoreSettings, readObjectStore } from './config/object-store.ts';
import { type RateSettings, readRates } from './config/rates.ts';
import {
  configFile,
  masterKeySetting,
  settingNames,
  settings,
  type SettingName,
  type ValueOfSetting,
} from './config/settings.ts';
import type { SettingSource, WrittenSetting } from './config/setting-source.ts';
import type { DeclaredLimits } from './config/kinesis-limits.ts';
import { type MetricsToken, readToken } from './config/metrics-token.ts';
import { type OtlpSettings, readOtlp } from './config/otlp.ts';
import { settingFields } from './config/setting-fields.ts';
import { fields, inOrder, type JsonSchema, YamlFile } from './config/yaml-reader.ts';
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
  /** Addresses and ranges of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[];
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
   * With `clientCa`, clients of TLS need a certificate of one of the authorities in that file.
   */
  readonly tls?: {
    readonly files?: { readonly cert: string; readonly key: string };
    readonly clientCa?: string;
  };
  /** Undefined: `required` if there is a root key. */
  readonly auth?: 'off' | 'required';
  readonly rootKey?: ConfiguredKey;
  /** The web console; undefined: `on`. */
  readonly console?: 'on' | 'read-only' | 'off';
  /** A proxy does TLS: other machines may use plain HTTP. */
  readonly insecurePlaintext?: boolean;
  /** How functions are isolated from the server; auto: the strongest level that this machine supports. */
  readonly functionIsolation: 'auto' | 'strict' | 'user' | 'off';
  /** Absolute path of the folder with runtime interface clients. */
  readonly runtimeFolder?: string;
  /** Absolute path; without it, the data folder has its own key file. */
  readonly masterKeyFile?: string;
  /** Base64 of 32 bytes, from the deprecated variable. */
  readonly masterKey?: string;
  /** Another S3 that has the objects, in place of the data folder. */
  readonly objectStore?: ObjectStoreSettings;
  /** Undefined for a server of its own. */
  readonly cluster?: ClusterSettings;
  /** Streams, functions and other resources that the server creates at startup. */
  readonly declarations: Declarations;
  readonly audit?: AuditSettings;
  readonly rates?: RateSettings;
  /** Lets other machines read /metrics. */
  readonly metricsToken?: MetricsToken;
  /** Metrics and traces for OpenTelemetry collectors. */
  readonly otlp?: OtlpSettings;
  /** The settings as they were written, and where. */
  readonly written?: readonly WrittenSetting[];
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
  const warnings = kubernetesVariables(sources.environment);
  // Only the server, which reads all settings, refuses to start because of an unknown one.
  (sources.sections === undefined ? warnings : problems).push(...unknownVariables(sources.environment));
  problems.push(...file.problems);
  const value = <Name extends SettingName>(name: Name) => read(name, sources, file, problems);
  const config = {
    host: value('host'),
    port: value('port'),
    region: value('region'),
    accountId: value('accountId'),
    corsOrigins: value('corsOrigin'),
    egressAllowed: value('egressAllow'),
    trustedProxies: value('trustedProxy'),
    allowedHosts: value('allowHost'),
    logFormat: value('logFormat'),
    logLevel: value('logLevel'),
    dataDir: value('dataDir'),
    workers: value('workers'),
    lifecycleMs: value('lifecycleMs'),
    activePartitions: value('activePartitions'),
    streamIds: value('streamIds'),
    functionIsolation: value('functionIsolation'),
    console: value('console'),
    limits: { ...file.limits, mode: value('limits') },
  };
  const tls = readTls(sources, file, problems);
  const source = sourceOf(sources, file, problems);
  const [audit, rates] = [readAudit(source, problems), readRates(value)];
  const masterKey = readMasterKey(sources, file, problems);
  const [auth, isPlaintext] = [value('auth'), value('insecurePlaintext') === 'on'];
  const rootKey = await readKeyPair(rootKeySettings, sources, problems);
  const metricsToken = await readMetricsToken(sources, file, problems);
  const otlp = sources.sections && (await readOtlp(source, sources.workingFolder, { problems, warnings }));
  const objectStore = await readObjectStore(value, sources, problems);
  const common = { tls, audit, masterKey, objectStore };
  const cluster = readCluster(source, { ...config, ...common, insecurePlaintext: isPlaintext }, problems);
  const runtimeFolder = pathOf('runtimeFolder', sources, file);
  // Other problems of declarations are reported once the services have checked them too.
  if (problems.length > 0) throw new ConfigError([...problems, ...inOrder(file.declarations.problems)]);
  return {
    ...config,
    dataDir: pathOf('dataDir', sources, file) ?? resolve(config.dataDir),
    baseDir: file.folder,
    declarations: file.declarations,
    written: settingNames.map((name) => ({ name, ...written(name, sources, file) })),
    ...(warnings.length > 0 && { warnings }),
    ...(tls !== undefined && { tls }),
    ...(audit !== undefined && { audit }),
    rates,
    ...(auth !== '' && { auth }),
    ...(isPlaintext && { insecurePlaintext: true }),
    ...(rootKey !== undefined && { rootKey }),
    ...(metricsToken !== undefined && { metricsToken }),
    ...(otlp !== undefined && { otlp }),
    ...(objectStore !== undefined && { objectStore }),
    ...(cluster !== undefined && { cluster }),
    ...(runtimeFolder !== undefined && { runtimeFolder }),
    ...masterKey,
  };
}

/**
 * A certificate without a key, or a key without a certificate, is a mistake; both together enable TLS. The message
 * names the missing setting in the same form as the given one.
 */
function readTls(sources: ConfigSources, file: FileSettings, problems: string[]): Config['tls'] {
  const path = (name: 'tlsCert' | 'tlsKey' | 'tlsClientCa') => pathOf(name, sources, file);
  const needs = (present: SettingName, missing: SettingName): string => {
    const { origin, called } = written(present, sources, file);
    return `${origin} needs ${called(missing)}`;
  };
  const wanted = read('tls', sources, file, problems);
  const [cert, key] = [path('tlsCert'), path('tlsKey')];
  const clientCa = path('tlsClientCa');
  const authorities = clientCa === undefined ? {} : { clientCa };
  if (cert !== undefined && key !== undefined) return { files: { cert, key }, ...authorities };
  if (cert !== undefined) problems.push(`${needs('tlsCert', 'tlsKey')}: the private key of the certificate`);
  if (key !== undefined) problems.push(`${needs('tlsKey', 'tlsCert')}: the certificate of the key`);
  if (wanted === 'on') return authorities;
  if (clientCa !== undefined && cert === undefined && key === undefined) {
    problems.push(`${needs('tlsClientCa', 'tls')}: clients show their certificates over TLS`);
  }
  return undefined;
}

/** What other files of settings are read with. */
function sourceOf(sources: ConfigSources, file: FileSettings, problems: string[]): SettingSource {
  return {
    value: (name) => read(name, sources, file, problems),
    origin: (name) => (given(name, sources) ?? file.values.get(name))?.origin,
    path: (name) => pathOf(name, sources, file),
    folder: (name) => folderOf(name, sources, file),
    environment: sources.environment,
  };
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
  const masterKeyFile = credentialNamed(path, sources) ?? pathOf('masterKeyFile', sources, file);
  return masterKeyFile === undefined ? {} : { masterKeyFile };
}

/** The absolute path that a setting names; undefined when it is not set. */
function pathOf(name: SettingName, sources: ConfigSources, file: FileSettings): string | undefined {
  const { text } = written(name, sources, file);
  return text === '' ? undefined : resolve(folderOf(name, sources, file), text);
}

/** To which paths in a setting are relative. */
function folderOf(name: SettingName, sources: ConfigSources, file: FileSettings): string {
  return given(name, sources) === undefined ? file.folder : sources.workingFolder;
}

/** Only the server reads it: commands may run as a user who cannot. */
async function readMetricsToken(
  sources: ConfigSources,
  file: FileSettings,
  problems: string[],
): Promise<MetricsToken | undefined> {
  const { origin, text: path } = written('metricsTokenFile', sources, file);
  if (path === '' || sources.sections === undefined) return undefined;
  const tokenFile =
    credentialNamed(path, sources) ?? resolve(folderOf('metricsTokenFile', sources, file), path);
  return readToken(tokenFile, origin, problems);
}

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
