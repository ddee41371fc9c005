import { LIMITS_MODES, limitedOperations, STREAM_LIMITS, type CallRates } from './kinesis-limits.ts';
import {
  described,
  fields,
  numberOrNone,
  oneOf,
  optional,
  type OptionalField,
  reader,
  type YamlReader,
  wordOr,
} from './yaml-reader.ts';

const mode = described("aws for AWS's limits, none for no limits", oneOf(...LIMITS_MODES));
const limit = optional(described('A limit by its name, or none; see docs/limits.md', numberOrNone(1)));

function each<Name extends string>(names: readonly Name[]): Readonly<Record<Name, OptionalField<number>>> {
  // There is a field for each name, so all of them are present.
  return Object.fromEntries(names.map((name) => [name, limit])) as Record<Name, OptionalField<number>>;
}

const ofStream = { mode: optional(mode), ...each(STREAM_LIMITS) };

const short: YamlReader<{ readonly mode?: 'none' | 'aws' }> = reader(mode.schema, (node, place) => {
  const word = mode(node, place);
  return word === undefined ? undefined : { mode: word };
});

/** `limits: aws` of a stream, or a map of its limits by name. */
export const streamLimitsReader = wordOr(short, fields(ofStream));

/** `limits: aws`, or a map of limits by name. */
export const limitsReader = wordOr(
  short,
  fields({
    ...ofStream,
    ...each(['shardsPerAccount', 'onDemandStreams', 'streamsCreatingAtOnce', 'consumersCreatingAtOnce']),
    callsPerSecond: optional<Partial<CallRates>>(fields(each(limitedOperations))),
  }),
);
