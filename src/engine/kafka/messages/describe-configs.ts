import { WireError } from '../wire-reader.ts';
import type { Call } from './call.ts';

const TOPIC = 2;

/**
 * DescribeConfigs Request (Version: 1) => [resources] include_synonyms
 *   resources => resource_type resource_name [configuration_keys]
 *     resource_type => INT8
 *     resource_name => STRING
 *     configuration_keys => STRING
 *   include_synonyms => BOOLEAN
 *
 * DescribeConfigs Response (Version: 1) => throttle_time_ms [results]
 *   throttle_time_ms => INT32
 *   results => error_code error_message resource_type resource_name [configs]
 *     error_code => INT16
 *     error_message => NULLABLE_STRING
 *     resource_type => INT8
 *     resource_name => STRING
 *     configs => name value read_only config_source is_sensitive [synonyms]
 *       name => STRING
 *       value => NULLABLE_STRING
 *       read_only => BOOLEAN
 *       config_source => INT8
 *       is_sensitive => BOOLEAN
 *       synonyms => name value source
 *         name => STRING
 *         value => NULLABLE_STRING
 *         source => INT8
 *
 * The settings of one topic that are in force, its own and the broker's.
 */
export const describeConfigs: Call<
  { readonly topic: string; readonly names: readonly string[] },
  { readonly errorCode: number; readonly settings: ReadonlyMap<string, string> }
> = {
  name: 'DescribeConfigs',
  key: 32,
  version: 1,
  write: (writer, { topic, names }) => {
    writer.int32(1).int8(TOPIC).string(topic);
    writer.array(names, (_, name) => writer.string(name)).bool(false);
  },
  read: (reader) => {
    reader.int32();
    const [answer] = reader.array(() => {
      const errorCode = reader.int16();
      reader.nullableString();
      reader.int8();
      reader.string();
      const settings = reader.array((): [string, string] => {
        const setting: [string, string] = [reader.string(), reader.string()];
        reader.bool();
        reader.int8();
        reader.bool();
        reader.array(() => [reader.string(), reader.nullableString(), reader.int8()]);
        return setting;
      });
      return { errorCode, settings: new Map(settings) };
    });
    if (answer === undefined) throw new WireError('the answer to DescribeConfigs names no topic');
    return answer;
  },
};
