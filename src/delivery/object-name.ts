import { nameUuid } from '../support/name-uuid.ts';
import { TimePatternError, timeFormatter, type TimeFormatter } from '../support/time-pattern.ts';
import { DeliveryConfigurationError } from './configuration-error.ts';
import type { DeliveryBatch } from './destination.ts';
import { deliveryLimits } from './limits.ts';
import { parsePrefix, type Prefix } from './prefix-expression.ts';

export interface ObjectNameOptions {
  readonly streamName: string;
  readonly prefix?: string | undefined;
  readonly errorOutputPrefix?: string | undefined;
  /** The time zone of the prefixes and of the times in names: `UTC` or an IANA zone. */
  readonly timeZone?: string | undefined;
  /** Includes the dot; may be empty. */
  readonly extension: string;
  readonly dynamicPartitioning: boolean;
}

/** The range whose records an object holds, and what distinguishes its objects. */
export interface NamedRange extends Pick<DeliveryBatch, 'deliveryId' | 'firstArrivalMs'> {
  /** The version of the delivery stream. */
  readonly version: number;
}

/** The values of dynamic partitioning, by `<namespace>:<name>`. */
export type PartitionKeys = ReadonlyMap<string, string>;

const DEFAULT_TIMESTAMP = 'yyyy/MM/dd/HH/';
const SUFFIX_TIMESTAMP = 'yyyy-MM-dd-HH-mm-ss';

/**
 * The names of delivered objects: `<evaluated prefix><stream>-<version>-<time>-<uuid><extension>`, as in
 * https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html. The range, the version and the partition
 * determine the name, so that another attempt at the range finds the object of the first one. The random parts are
 * therefore hashes, and the time is the arrival of the range's oldest record, even if the oldest record of the object's
 * partition arrived later.
 */
export class ObjectNames {
  readonly #options: ObjectNameOptions;
  readonly #prefix: Prefix;
  readonly #errorPrefix: Prefix;
  readonly #defaultTime: TimeFormatter;
  readonly #suffixTime: TimeFormatter;

  /** Throws DeliveryConfigurationError with the messages of Amazon Data Firehose. */
  constructor(options: ObjectNameOptions) {
    const { prefix = '', errorOutputPrefix, timeZone = 'UTC' } = options;
    checkTimeZone(timeZone);
    this.#options = options;
    this.#prefix = parsePrefix('Prefix', prefix, timeZone);
    this.#errorPrefix = parsePrefix('ErrorOutputPrefix', errorOutputPrefix ?? '', timeZone);
    this.#defaultTime = timeFormatter(DEFAULT_TIMESTAMP, timeZone);
    this.#suffixTime = timeFormatter(SUFFIX_TIMESTAMP, timeZone);
    this.#checkExpressions();
    this.#checkLength();
  }

  /** The partition keys that the prefix needs, as `partitionKeyFromQuery:<name>` or `partitionKeyFromLambda:<name>`. */
  get partitionKeys(): readonly string[] {
    return this.#prefix.partitionKeys;
  }

  keyOf(range: NamedRange, partitionKeys?: PartitionKeys): string {
    const identity = this.#identity(range, partitionKeys);
    const timeMs = wholeSeconds(range.firstArrivalMs);
    const time = this.#prefix.hasTimestamp ? '' : this.#defaultTime(timeMs);
    const prefix = this.#evaluate(timeMs, identity, partitionKeys);
    return prefix + time + this.#suffix(range, identity) + this.#options.extension;
  }

  /** Returns why a partition cannot have an object: its key values make the name too long. Otherwise undefined. */
  refusal(range: NamedRange, partitionKeys: PartitionKeys): string | undefined {
    const { prefixCharactersMax, keyBytesMax } = deliveryLimits;
    const identity = this.#identity(range, partitionKeys);
    if (this.#evaluate(range.firstArrivalMs, identity, partitionKeys).length > prefixCharactersMax) {
      return `Length of evaluated prefix cannot be greater than ${prefixCharactersMax}`;
    }
    if (Buffer.byteLength(this.keyOf(range, partitionKeys)) > keyBytesMax) {
      return `The name of the object has more than ${keyBytesMax} bytes.`;
    }
    return undefined;
  }

  /** `outputType` is Firehose's `error-output-type`, e.g. `processing-failed`. */
  errorKeyOf(range: NamedRange, outputType: string): string {
    const identity = [range.deliveryId, 'error', outputType];
    const timeMs = wholeSeconds(range.firstArrivalMs);
    const values = {
      timeMs,
      randomString: (index: number) => randomString(identity, index),
      errorOutputType: outputType,
    };
    const prefix =
      (this.#options.errorOutputPrefix ?? '') === ''
        ? `${this.#prefix.evaluate(values)}${outputType}/${this.#defaultTime(timeMs)}`
        : this.#errorPrefix.evaluate(values);
    return prefix + this.#suffix(range, identity);
  }

  #identity({ deliveryId }: NamedRange, partitionKeys: PartitionKeys | undefined): string[] {
    return [deliveryId, ...this.partitionKeys.map((key) => partitionKeys?.get(key) ?? '')];
  }

  #evaluate(timeMs: number, identity: readonly string[], partitionKeys?: PartitionKeys): string {
    return this.#prefix.evaluate({
      timeMs,
      randomString: (index) => randomString(identity, index),
      partitionKeys,
    });
  }

  #suffix({ firstArrivalMs, version }: NamedRange, identity: readonly string[]): string {
    const time = this.#suffixTime(wholeSeconds(firstArrivalMs));
    return `${this.#options.streamName}-${version}-${time}-${nameUuid([...identity, 'name'])}`;
  }

  #checkExpressions(): void {
    const { dynamicPartitioning } = this.#options;

    if (this.#prefix.hasErrorOutputType) {
      throw refused('Prefix must not contain any occurrence of !{firehose:error-output-type}');
    }
    if (this.#errorPrefix.partitionKeys.length > 0) {
      throw refused("Dynamic Partitioning Namespaces can't be part of an error prefix expression");
    }
    if (!dynamicPartitioning && this.#prefix.partitionKeys.length > 0) {
      throw refused(
        'Dynamic Partitioning Namespaces can only be part of a prefix expression when Dynamic Partitioning is enabled.',
      );
    }
    if (dynamicPartitioning && this.#prefix.partitionKeys.length === 0) {
      throw refused(
        'S3 Prefix should contain Dynamic Partitioning namespaces when Dynamic Partitioning is enabled',
      );
    }
    if (this.#prefix.hasExpressions && (this.#options.errorOutputPrefix ?? '') === '') {
      throw refused('ErrorOutputPrefix cannot be null or empty when Prefix contains expressions');
    }
    if (this.#errorPrefix.hasExpressions && !this.#errorPrefix.hasErrorOutputType) {
      throw refused(
        'ErrorOutputPrefix must contain at least one occurrence of !{firehose:error-output-type}',
      );
    }
  }

  /** Checks the prefixes as given: AWS does not count the time that it appends to a prefix without one. */
  #checkLength(): void {
    const values = {
      timeMs: SAMPLE_MS,
      randomString: () => '0'.repeat(11),
      errorOutputType: 'processing-failed',
    };
    const max = deliveryLimits.prefixCharactersMax;
    if (this.#prefix.evaluate(values).length > max) {
      throw new DeliveryConfigurationError(`Length of evaluated prefix cannot be greater than ${max}`);
    }
    if (this.#errorPrefix.evaluate(values).length > max) {
      throw new DeliveryConfigurationError(
        `Length of evaluated ErrorOutputPrefix cannot be greater than ${max}`,
      );
    }
    this.#checkKeyBytes();
  }

  /** Characters may have several bytes: with a name that S3 refuses, nothing could ever be delivered. */
  #checkKeyBytes(): void {
    const range = { deliveryId: '', firstArrivalMs: SAMPLE_MS, version: Number.MAX_SAFE_INTEGER };
    const { keyBytesMax: max } = deliveryLimits;
    for (const [prefix, key] of [
      ['Prefix', this.keyOf(range)],
      ['ErrorOutputPrefix', this.errorKeyOf(range, LONGEST_OUTPUT_TYPE)],
    ] as const) {
      if (Buffer.byteLength(key) > max) {
        throw refused(`The names of objects would be longer than ${max} bytes: shorten ${prefix}.`);
      }
    }
  }
}

function refused(message: string): DeliveryConfigurationError {
  return new DeliveryConfigurationError(message);
}

/** A Wednesday in September: the day and month with the longest names. */
const SAMPLE_MS = Date.UTC(2026, 8, 30, 22, 59, 59);

const LONGEST_OUTPUT_TYPE = 'format-conversion-failed';

function checkTimeZone(timeZone: string): void {
  try {
    // AWS's list has no zones such as EST, and UTC.
    if (timeZone === 'UTC' || (timeZone.includes('/') && !timeZone.startsWith('Etc/'))) {
      timeFormatter('yyyy', timeZone);
      return;
    }
  } catch (error) {
    if (!(error instanceof TimePatternError)) throw error;
  }
  throw new DeliveryConfigurationError(
    'Provided custom time zone is not supported. Custom time zones are limited to UTC and non-3-letter IANA time zones.',
  );
}

/** Firehose's timestamps have no fractions of a second, whatever the pattern. */
function wholeSeconds(timeMs: number): number {
  return Math.floor(timeMs / 1000) * 1000;
}

/** Eleven characters of a UUID, as on AWS: `046b6c7f-0b`. */
function randomString(identity: readonly string[], index: number): string {
  return nameUuid([...identity, `random-string ${index}`]).slice(0, 11);
}
