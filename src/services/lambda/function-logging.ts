import type { FunctionConfiguration, LoggingConfig } from '@aws-sdk/client-lambda';
import type { Checked } from '../../protocol/service.ts';
import { logGroupOf } from '../logs/log-store.ts';
import { levelOfText } from './errors.ts';

/** From the most detailed to the least. */
export const applicationLevels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
export const systemLevels = ['DEBUG', 'INFO', 'WARN'] as const;

export type ApplicationLevel = (typeof applicationLevels)[number];
export type SystemLevel = (typeof systemLevels)[number];

/** LogFormat JSON: the least detailed levels that are not left out. Without it the format is Text, without levels. */
export interface JsonLogging {
  readonly applicationLevel: ApplicationLevel;
  readonly systemLevel: SystemLevel;
}

/** LoggingConfig, without what is the default. */
export interface FunctionLogging {
  readonly json?: JsonLogging;
  /** Another log group than the function's own. */
  readonly group?: string;
}

/** A function, as far as its log is concerned. */
interface LoggedFunction {
  readonly name: string;
  readonly logging?: FunctionLogging;
}

/**
 * The LoggingConfig of a request; what it leaves out stays as it was. Throws InvalidParameterValueException for levels
 * of the format Text.
 */
export function loggingOf(
  config: Checked<LoggingConfig> | undefined,
  { name, logging: before = {} }: LoggedFunction,
): { readonly logging?: FunctionLogging } {
  const given = config === undefined ? before : changed(config, before);
  const { group, ...json } = given;
  const logging = { ...json, ...(group === undefined || group === logGroupOf(name) ? {} : { group }) };
  return Object.keys(logging).length === 0 ? {} : { logging };
}

function changed(config: Checked<LoggingConfig>, before: FunctionLogging): FunctionLogging {
  const { ApplicationLogLevel: application, SystemLogLevel: system, LogGroup: group = before.group } = config;
  const ofGroup = group === undefined ? {} : { group };
  const isJson = config.LogFormat === undefined ? before.json !== undefined : config.LogFormat === 'JSON';
  if (!isJson) {
    if (application !== undefined || system !== undefined) throw levelOfText();
    return ofGroup;
  }
  const json = {
    applicationLevel: application ?? before.json?.applicationLevel ?? 'INFO',
    systemLevel: system ?? before.json?.systemLevel ?? 'INFO',
  };
  return { json, ...ofGroup };
}

export function logGroupNameOf({ name, logging }: LoggedFunction): string {
  return logging?.group ?? logGroupOf(name);
}

/** As Lambda describes it. */
export function loggingConfigOf(
  definition: LoggedFunction,
): NonNullable<FunctionConfiguration['LoggingConfig']> {
  const json = definition.logging?.json;
  return {
    LogFormat: json === undefined ? 'Text' : 'JSON',
    ...(json !== undefined && {
      ApplicationLogLevel: json.applicationLevel,
      SystemLogLevel: json.systemLevel,
    }),
    LogGroup: logGroupNameOf(definition),
  };
}
