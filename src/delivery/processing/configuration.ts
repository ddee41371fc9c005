import { DeliveryConfigurationError } from '../configuration-error.ts';
import { topLevelKeys } from './jq/keys.ts';
import { compileJq, type JqProgram } from './jq/jq.ts';
import { JqSyntaxError } from './jq/tokens.ts';
import { processingLimits } from './limits.ts';

/** A processing configuration as in a request. */
export interface ProcessingInput {
  readonly Enabled?: boolean | undefined;
  readonly Processors?: readonly ProcessorInput[] | undefined;
}

export interface ProcessorInput {
  readonly Type: string;
  readonly Parameters?:
    | readonly { readonly ParameterName: string; readonly ParameterValue: string }[]
    | undefined;
}

export interface LambdaSettings {
  readonly functionArn: string;
  /** Of the role that invokes it; empty without one. */
  readonly roleArn: string;
  readonly retries: number;
  readonly bufferBytesMax: number;
}

/** The processing steps of a delivery stream. */
export interface ProcessingSettings {
  readonly decompresses: boolean;
  readonly extractsMessages: boolean;
  /** How records are split: into JSON objects, or at a delimiter. */
  readonly deaggregates?: 'JSON' | Buffer;
  readonly lambda?: LambdaSettings;
  readonly query?: JqProgram;
  readonly appendsDelimiter: boolean;
}

export interface PartitioningInfo {
  readonly dynamicPartitioning: boolean;
  /** The partition keys in the prefix, as `partitionKeyFromQuery:<name>` or `partitionKeyFromLambda:<name>`. */
  readonly partitionKeys: readonly string[];
  /** For Iceberg destinations: the keys by which a query names the table of a record. */
  readonly tableKeys?: readonly string[];
}

const NONE: ProcessingSettings = { decompresses: false, extractsMessages: false, appendsDelimiter: false };
const PROCESSORS_MAX = 5;
const RETRIES_MAX = 300;
const BUFFER_MIB_MIN = 0.2;
const BUFFER_MIB_MAX = 3;
const BUFFER_SECONDS_MAX = 900;
const MODEL = 'class com.amazonaws.services.firehose.internal.model';

/**
 * Reads a ProcessingConfiguration. Throws DeliveryConfigurationError, with AWS's messages where they are known.
 * Disabled processors are checked too, as on AWS.
 */
export function processingSettings(
  { Enabled = false, Processors: processors = [] }: ProcessingInput,
  info: PartitioningInfo,
): ProcessingSettings {
  if (Enabled && (processors.length === 0 || processors.length > PROCESSORS_MAX)) {
    throw wrong(
      `A maximum of ${PROCESSORS_MAX} and a minimum of 1 processor needs to be supplied when processing is enabled.`,
    );
  }
  if (!Enabled && info.dynamicPartitioning) {
    throw wrong('Processing Configuration is not enabled when DynamicPartitioning is enabled.');
  }
  const byType = Map.groupBy(processors, ({ Type }) => Type);
  if ((byType.get('Lambda')?.length ?? 0) > 1) throw wrong('Cannot have more than 1 Lambda processor.');
  for (const [type, same] of byType) {
    if (same.length > 1 && type !== 'AppendDelimiterToRecord') {
      throw wrong(`nagare does not support more than one ${type} processor.`);
    }
  }
  let settings = NONE;
  for (const processor of processors) settings = { ...settings, ...readProcessor(processor, info) };
  if (settings.extractsMessages && !settings.decompresses) {
    throw wrong('CloudWatchLogProcessingProcessor can only be enabled with DecompressionProcessor');
  }
  if (!Enabled) return NONE;
  checkPartitionKeys(settings, byType, info);
  return settings;
}

function readProcessor(processor: ProcessorInput, info: PartitioningInfo): Partial<ProcessingSettings> {
  const parameters = new Parameters(processor);
  switch (processor.Type) {
    case 'Decompression':
      if (parameters.get('CompressionFormat', 'GZIP') !== 'GZIP')
        throw wrong('CompressionFormat has to be GZIP');
      return parameters.done({ decompresses: true });
    case 'CloudWatchLogProcessing': {
      const extract = parameters.get('DataMessageExtraction', '').toLowerCase();
      if (extract !== 'true' && extract !== 'false') {
        throw wrong('Invalid parameter value for DataMessageExtraction. Allowed values are True and False.');
      }
      return parameters.done({ extractsMessages: extract === 'true' });
    }
    case 'RecordDeAggregation':
      partitioningOnly('RecordDeAggregationProcessor', info);
      return parameters.done({ deaggregates: deaggregationOf(parameters) });
    case 'Lambda':
      return parameters.done({ lambda: lambdaOf(parameters) });
    case 'MetadataExtraction':
      if (info.tableKeys === undefined) partitioningOnly('MetadataExtractionProcessor', info);
      return parameters.done({ query: queryOf(parameters, info) });
    case 'AppendDelimiterToRecord': {
      const delimiter = parameters.get('Delimiter', '\n');
      if (delimiter !== '\n' && delimiter !== String.raw`\n`) {
        throw wrong(
          String.raw`nagare does not support a Delimiter other than \n: AWS ignores it and appends a newline.`,
        );
      }
      return parameters.done({ appendsDelimiter: true });
    }
    default:
      throw wrong(`nagare does not support the processor ${processor.Type}.`);
  }
}

function partitioningOnly(name: string, { dynamicPartitioning }: PartitioningInfo): void {
  if (dynamicPartitioning) return;
  throw wrong(`${MODEL}.${name} can only be present when Dynamic Partitioning is enabled.`);
}

function deaggregationOf(parameters: Parameters): 'JSON' | Buffer {
  const type = parameters.get('SubRecordType', '');
  const delimiter = parameters.get('Delimiter', '');
  if (type === 'JSON') return type;
  if (type !== 'DELIMITED') throw wrong('SubRecordType has to be one of JSON, DELIMITED');
  if (delimiter === '') throw wrong('Delimiter should be present for DELIMITED');
  const bytes = Buffer.from(delimiter, 'base64');
  if (bytes.length === 0 || bytes.toString('base64') !== delimiter)
    throw wrong('Delimiter must be base64-encoded.');
  return bytes;
}

function lambdaOf(parameters: Parameters): LambdaSettings {
  const functionArn = parameters.get('LambdaArn', '');
  if (functionArn === '') throw wrong('LambdaArn is required when Lambda processor is used.');
  const roleArn = parameters.get('RoleArn', '');
  const retries = parameters.number('NumberOfRetries', processingLimits.lambdaRetriesDefault);
  if (!Number.isInteger(retries) || retries < 0 || retries > RETRIES_MAX) {
    throw wrong(`Number of retries for lambda must be between 0 and ${RETRIES_MAX}.`);
  }
  if (parameters.has('BufferSizeInMBs') !== parameters.has('BufferIntervalInSeconds')) {
    throw wrong(
      'Both BufferSizeInMBs and BufferIntervalInSeconds are required to configure buffering for lambda processor.',
    );
  }
  const size = parameters.number('BufferSizeInMBs', processingLimits.lambdaBufferMiBDefault);
  if (!(size >= BUFFER_MIB_MIN && size <= BUFFER_MIB_MAX)) {
    throw wrong(
      `BufferSizeInMBs for lambda processor must be between ${BUFFER_MIB_MIN} and ${BUFFER_MIB_MAX}.`,
    );
  }
  const seconds = parameters.number('BufferIntervalInSeconds', 0);
  if (!(seconds >= 0 && seconds <= BUFFER_SECONDS_MAX)) {
    throw wrong(`BufferIntervalInSeconds for lambda processor must be between 0 and ${BUFFER_SECONDS_MAX}.`);
  }
  return { functionArn, roleArn, retries, bufferBytesMax: Math.floor(size * 1024 * 1024) };
}

function queryOf(parameters: Parameters, { partitionKeys, tableKeys }: PartitioningInfo): JqProgram {
  const engine = parameters.get('JsonParsingEngine', '');
  const query = parameters.get('MetadataExtractionQuery', '');
  if (engine !== 'JQ-1.6') throw wrong('MetaDataExtraction JSON Parsing Engine has to be one of JQ-1.6');
  if (query === '')
    throw wrong('MetadataExtractionQuery is required when MetadataExtraction processor is used.');
  try {
    const { jqStepsMax: stepsMax, jqCallDepthMax: callDepthMax } = processingLimits;
    const program = compileJq(query, { stepsMax, callDepthMax });
    const keys = topLevelKeys(query) ?? [];
    if (tableKeys !== undefined) {
      const unknown = keys.find((key) => !tableKeys.includes(key));
      if (unknown === undefined) return program;
      throw wrong(`MetadataExtractionQuery returns ${unknown}; it can only return ${tableKeys.join(', ')}.`);
    }
    if (keys.some((key) => !partitionKeys.includes(`partitionKeyFromQuery:${key}`))) {
      throw wrong(
        "MetaDataExtraction JQ Query can't contain keys that are not present in the S3 Prefix expression",
      );
    }
    return program;
  } catch (error) {
    if (error instanceof JqSyntaxError) throw wrong(`MetadataExtractionQuery is invalid: ${error.message}`);
    throw error;
  }
}

/** Each partition key in the prefix needs a processor that extracts it. */
function checkPartitionKeys(
  { query, lambda }: ProcessingSettings,
  byType: ReadonlyMap<string, readonly ProcessorInput[]>,
  { partitionKeys }: PartitioningInfo,
): void {
  const inPrefix = (namespace: string) => partitionKeys.filter((key) => key.startsWith(`${namespace}:`));
  const fromQuery = inPrefix('partitionKeyFromQuery');
  if (fromQuery.length > 0 && query === undefined) {
    throw wrong(
      'MetadataExtraction processor should be present when S3 Prefix has partitionKeyFromQuery namespace.',
    );
  }
  if (inPrefix('partitionKeyFromLambda').length > 0 && lambda === undefined) {
    throw wrong('Lambda processor should be present when S3 Prefix has partitionKeyFromLambda namespace.');
  }
  const parameters = byType.get('MetadataExtraction')?.[0]?.Parameters ?? [];
  const text = parameters.find(
    ({ ParameterName }) => ParameterName === 'MetadataExtractionQuery',
  )?.ParameterValue;
  const keys = text === undefined ? undefined : topLevelKeys(text);
  const missing = keys && fromQuery.find((key) => !keys.includes(key.slice('partitionKeyFromQuery:'.length)));
  if (missing !== undefined) {
    throw wrong(`The S3 Prefix contains !{${missing}}, but the MetadataExtractionQuery does not return it.`);
  }
}

/** The parameters of a processor. Parameters that are never read are refused. */
class Parameters {
  readonly #type: string;
  readonly #values: ReadonlyMap<string, string>;
  readonly #read = new Set<string>();

  constructor({ Type, Parameters: given = [] }: ProcessorInput) {
    this.#type = Type;
    this.#values = new Map(given.map(({ ParameterName, ParameterValue }) => [ParameterName, ParameterValue]));
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  get(name: string, otherwise: string): string {
    this.#read.add(name);
    return this.#values.get(name) ?? otherwise;
  }

  number(name: string, otherwise: number): number {
    const text = this.get(name, String(otherwise)).trim();
    return text === '' ? Number.NaN : Number(text);
  }

  /** Throws DeliveryConfigurationError for a parameter that the processor does not have. */
  done<T>(settings: T): T {
    const unknown = [...this.#values.keys()].find((name) => !this.#read.has(name));
    if (unknown !== undefined) throw wrong(`${unknown} is not a parameter of the ${this.#type} processor.`);
    return settings;
  }
}

function wrong(message: string): DeliveryConfigurationError {
  return new DeliveryConfigurationError(message);
}
