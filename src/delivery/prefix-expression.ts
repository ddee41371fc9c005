import { TimePatternError, timeFormatter } from '../support/time-pattern.ts';
import { DeliveryConfigurationError } from './configuration-error.ts';

/** The values that a prefix's expressions are evaluated with. */
export interface PrefixValues {
  readonly timeMs: number;
  /** Returns eleven characters, different for each index. */
  readonly randomString: (index: number) => string;
  /** Firehose's `error-output-type`; only error prefixes have one. */
  readonly errorOutputType?: string | undefined;
  /** The values of dynamic partitioning, by `<namespace>:<name>`. */
  readonly partitionKeys?: ReadonlyMap<string, string> | undefined;
}

type Piece = string | ((values: PrefixValues) => string);

export interface Prefix {
  readonly hasExpressions: boolean;
  readonly hasTimestamp: boolean;
  readonly hasErrorOutputType: boolean;
  /** The partition keys in order of appearance, as `partitionKeyFromQuery:<name>` or `partitionKeyFromLambda:<name>`. */
  readonly partitionKeys: readonly string[];
  evaluate(values: PrefixValues): string;
}

const EXPRESSION = /!\{([^{}:]+):([^{}]*)\}/g;

/**
 * Compiles a prefix with `!{namespace:value}` expressions:
 * https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html. `name` is the parameter's, for errors. Throws
 * DeliveryConfigurationError with the messages of Amazon Data Firehose.
 */
export function parsePrefix(name: 'Prefix' | 'ErrorOutputPrefix', text: string, timeZone: string): Prefix {
  if (text.replaceAll(EXPRESSION, '').includes('!{')) {
    throw new DeliveryConfigurationError(
      `Invalid expression usage in ${name}: !{ must begin an expression of the form !{namespace:value}.`,
    );
  }
  const pieces: Piece[] = [];
  const partitionKeys: string[] = [];
  let randomStrings = 0;
  let hasTimestamp = false;
  let hasErrorOutputType = false;
  let end = 0;
  for (const match of text.matchAll(EXPRESSION)) {
    const [whole, namespace = '', value = ''] = match;
    pieces.push(text.slice(end, match.index));
    end = match.index + whole.length;
    switch (namespace) {
      case 'timestamp':
        hasTimestamp = true;
        pieces.push(timestamp(name, value, timeZone));
        break;
      case 'firehose':
        if (value === 'random-string') {
          const index = randomStrings++;
          pieces.push(({ randomString }) => randomString(index));
        } else if (value === 'error-output-type') {
          hasErrorOutputType = true;
          pieces.push(({ errorOutputType }) => errorOutputType ?? '');
        } else throw invalidConversion(name, whole);
        break;
      case 'partitionKeyFromQuery':
      case 'partitionKeyFromLambda': {
        const key = `${namespace}:${value}`;
        if (!partitionKeys.includes(key)) partitionKeys.push(key);
        pieces.push((values) => values.partitionKeys?.get(key) ?? '');
        break;
      }
      default:
        throw new DeliveryConfigurationError(
          `Namespace to the left of colon (${namespace}) is an invalid keyword! Valid namespaces are timestamp, ` +
            'firehose, partitionKeyFromQuery and partitionKeyFromLambda.',
        );
    }
  }
  pieces.push(text.slice(end));
  return {
    hasExpressions: pieces.length > 1,
    hasTimestamp,
    hasErrorOutputType,
    partitionKeys,
    evaluate: (values) => pieces.map((piece) => (typeof piece === 'string' ? piece : piece(values))).join(''),
  };
}

function timestamp(name: string, pattern: string, timeZone: string): Piece {
  try {
    const format = timeFormatter(pattern, timeZone);
    return ({ timeMs }) => format(timeMs);
  } catch (error) {
    if (error instanceof TimePatternError) throw invalidConversion(name, error.message);
    throw error;
  }
}

function invalidConversion(name: string, what: string): DeliveryConfigurationError {
  return new DeliveryConfigurationError(
    `Invalid conversion character used in the value of the expression in ${name}: ${what}.`,
  );
}
