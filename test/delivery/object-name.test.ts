import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { DeliveryConfigurationError } from '../../src/delivery/configuration-error.ts';
import { ObjectNames, type ObjectNameOptions } from '../../src/delivery/object-name.ts';

const range = {
  deliveryId: 'd1/shardId-000000000000/1-9',
  firstArrivalMs: Date.UTC(2018, 7, 27, 10, 30, 5, 678),
  version: 3,
};
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;

function names(options: Partial<ObjectNameOptions> = {}): ObjectNames {
  return new ObjectNames({ streamName: 'orders', extension: '', dynamicPartitioning: false, ...options });
}

/** A key without its UUID. */
function shape(key: string): string {
  assert.match(key, UUID);
  return key.replace(UUID, '<uuid>');
}

const partition = (value: string) => new Map([['partitionKeyFromQuery:customer', value]]);
const partitioned: Partial<ObjectNameOptions> = {
  prefix: 'c=!{partitionKeyFromQuery:customer}/!{timestamp:yyyy}/',
  errorOutputPrefix: 'errors/!{firehose:error-output-type}/',
  dynamicPartitioning: true,
};

suite('the name of an object', () => {
  // The examples of https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html.
  test('begins with the evaluated prefix, as in AWS’s examples', () => {
    const suffix = 'orders-3-2018-08-27-10-30-05-<uuid>';
    assert.equal(shape(names().keyOf(range)), `2018/08/27/10/${suffix}`);
    assert.equal(shape(names({ prefix: 'mine' }).keyOf(range)), `mine2018/08/27/10/${suffix}`);
    const all = names({
      prefix: "at/!{timestamp:'year='yyyy}/!{timestamp:DDD}/rand=!{firehose:random-string}/",
      errorOutputPrefix: '!{firehose:error-output-type}/!{timestamp:yyyy}/',
      extension: '.json.gz',
    }).keyOf(range);
    assert.match(all, /^at\/year=2018\/239\/rand=[0-9a-f]{8}-[0-9a-f]{2}\/orders-3-2018-08-27-10-30-05-/);
    assert.ok(all.endsWith('.json.gz'));
  });

  test('has the type of an error', () => {
    const given = names({ prefix: 'mine/', errorOutputPrefix: 'bad/!{firehose:error-output-type}/' });
    const suffix = 'orders-3-2018-08-27-10-30-05-<uuid>';
    assert.equal(shape(given.errorKeyOf(range, 'processing-failed')), `bad/processing-failed/${suffix}`);
    const none = names({ prefix: 'mine/' });
    assert.equal(
      shape(none.errorKeyOf(range, 'processing-failed')),
      `mine/processing-failed/2018/08/27/10/${suffix}`,
    );
    assert.notEqual(none.errorKeyOf(range, 'processing-failed'), none.errorKeyOf(range, 'other-failed'));
  });

  test('has the time in the zone, in the prefix and after the version, in whole seconds', () => {
    const tokyo = names({
      prefix: '!{timestamp:yyyy-MM-dd}T!{timestamp:HHmmss.SSS}/',
      errorOutputPrefix: '!{firehose:error-output-type}/',
      timeZone: 'Asia/Tokyo',
    });
    assert.equal(shape(tokyo.keyOf(range)), '2018-08-27T193005.000/orders-3-2018-08-27-19-30-05-<uuid>');
  });

  test('is the same for the same range, and different for another range, version or partition', () => {
    const first = names(partitioned).keyOf(range, partition('a'));

    assert.equal(shape(first), 'c=a/2018/orders-3-2018-08-27-10-30-05-<uuid>');
    assert.equal(names(partitioned).keyOf(range, partition('a')), first);
    const others = [
      names(partitioned).keyOf(range, partition('b')),
      names(partitioned).keyOf({ ...range, deliveryId: 'd1/shardId-000000000000/10-12' }, partition('a')),
      names(partitioned).keyOf({ ...range, version: 4 }, partition('a')),
    ];
    assert.equal(new Set([first, ...others]).size, 4);
  });

  test('has a new random string for each occurrence', () => {
    const key = names({
      prefix: '!{firehose:random-string}/!{firehose:random-string}/',
      errorOutputPrefix: '!{firehose:error-output-type}/',
    }).keyOf(range);
    const [first, second] = key.split('/');
    assert.notEqual(first, second);
  });

  test('is refused for a partition whose values make it too long', () => {
    const made = names(partitioned);
    assert.equal(made.refusal(range, partition('x'.repeat(400))), undefined);
    assert.match(made.refusal(range, partition('x'.repeat(510))) ?? '', /cannot be greater than 512/);
    assert.match(made.refusal(range, partition('日'.repeat(400))) ?? '', /more than 1024 bytes/);
  });
});

/** Messages as measured on AWS, except for what follows a colon. */
const refused: readonly (readonly [string, Partial<ObjectNameOptions>, string])[] = [
  ['a stray !{', { prefix: 'a!{b/' }, 'Invalid expression usage in Prefix'],
  ['an empty namespace', { prefix: '!{:x}/' }, 'Invalid expression usage in Prefix'],
  [
    'an unknown namespace',
    { prefix: '!{time:yyyy}/', errorOutputPrefix: '!{firehose:error-output-type}/' },
    'Namespace to the left of colon (time) is an invalid keyword!',
  ],
  [
    'an unknown value of firehose',
    { prefix: '!{firehose:uuid}/' },
    'Invalid conversion character used in the value of the expression in Prefix',
  ],
  [
    'a letter that is no pattern letter',
    { errorOutputPrefix: '!{firehose:error-output-type}!{timestamp:T}/' },
    'Invalid conversion character used in the value of the expression in ErrorOutputPrefix',
  ],
  [
    'the type of errors in Prefix',
    { prefix: '!{firehose:error-output-type}/', errorOutputPrefix: '!{firehose:error-output-type}/' },
    'Prefix must not contain any occurrence of !{firehose:error-output-type}',
  ],
  [
    'no ErrorOutputPrefix beside expressions',
    { prefix: '!{timestamp:yyyy}/' },
    'ErrorOutputPrefix cannot be null or empty when Prefix contains expressions',
  ],
  [
    'an ErrorOutputPrefix with expressions but no type',
    { errorOutputPrefix: '!{timestamp:yyyy}/' },
    'ErrorOutputPrefix must contain at least one occurrence of !{firehose:error-output-type}',
  ],
  [
    'partition keys in ErrorOutputPrefix',
    { ...partitioned, errorOutputPrefix: '!{firehose:error-output-type}/!{partitionKeyFromQuery:customer}/' },
    "Dynamic Partitioning Namespaces can't be part of an error prefix expression",
  ],
  [
    'partition keys without dynamic partitioning',
    { ...partitioned, dynamicPartitioning: false },
    'Dynamic Partitioning Namespaces can only be part of a prefix expression when Dynamic Partitioning is enabled.',
  ],
  [
    'dynamic partitioning without partition keys',
    { ...partitioned, prefix: 'x/' },
    'S3 Prefix should contain Dynamic Partitioning namespaces when Dynamic Partitioning is enabled',
  ],
  [
    'a prefix that is too long',
    { prefix: 'x'.repeat(513) },
    'Length of evaluated prefix cannot be greater than 512',
  ],
  [
    'an error prefix that is too long',
    { errorOutputPrefix: 'x'.repeat(513) },
    'Length of evaluated ErrorOutputPrefix cannot be greater than 512',
  ],
  [
    // 500 characters of two bytes, with the time, the name and the version: S3 takes 1,024 bytes.
    'a prefix with too many bytes',
    { prefix: 'é'.repeat(500) },
    'The names of objects would be longer than 1024 bytes: shorten Prefix.',
  ],
  [
    'an error prefix with too many bytes',
    { errorOutputPrefix: 'é'.repeat(500) },
    'The names of objects would be longer than 1024 bytes: shorten ErrorOutputPrefix.',
  ],
  ...['EST', 'Mars/Phobos', 'Etc/GMT+3', '+09:00'].map(
    (timeZone) =>
      [
        `the time zone ${timeZone}`,
        { timeZone },
        'Provided custom time zone is not supported. Custom time zones are limited to UTC and non-3-letter IANA time zones.',
      ] as const,
  ),
];

suite("refuses, with AWS's messages,", () => {
  for (const [called, options, message] of refused) {
    test(called, () => {
      assert.throws(
        () => names(options),
        (error) => error instanceof DeliveryConfigurationError && error.message.startsWith(message),
      );
    });
  }
});
