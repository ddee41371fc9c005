import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as kinesis from '@aws-sdk/client-kinesis';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as sns from '@aws-sdk/client-sns';
import * as fc from 'fast-check';
import { arbitraryOf, type ArbitraryOptions, lambdaShapes } from './arbitrary.ts';
import { clientOptions, models, serveServices, testService } from './support.ts';

/** The part of an SDK that this test needs, whose clients and commands have each a type of its own. */
interface Sdk {
  readonly client: { send(command: never): Promise<object>; destroy(): void };
  readonly module: object;
  readonly options: ArbitraryOptions;
  /** Operations whose bodies are streams of bytes or events: they have tests of their own. */
  readonly streams?: readonly string[];
}

const bucket = fc.stringMatching(/^[a-z][a-z0-9]{3,10}$/);
const key = fc
  .stringMatching(/^[a-z0-9 +?#%&=ü/]{1,20}$/)
  .filter((text) => !/^\/|\/\/|(^|\/)\.\.?(\/|$)/.test(text));
/** XML cannot hold all characters; what of it can come back changed is for a test of its own. */
const xmlText = fc.stringMatching(/^[!-~äß水🦊<>&"']{0,20}$/u);
function sdks(url: string): Record<keyof typeof models, Sdk> {
  const options = clientOptions(url);
  return {
    kinesis: {
      client: new kinesis.KinesisClient(options),
      module: kinesis,
      // A StreamId makes the SDK ignore the endpoint that it was given.
      options: { without: new Set(['StreamId']) },
      streams: ['SubscribeToShard'],
    },
    lambda: {
      client: new lambda.LambdaClient(options),
      module: lambda,
      // A list in the query is nothing at all when it is empty.
      options: { shapes: lambdaShapes, listsFrom: 1 },
      streams: [
        'InvokeAsync',
        'InvokeWithResponseStream',
        // Operations of nagare's own.
        'GetEventSourceMappingProgress',
        'RewindEventSourceMapping',
        'SkipEventSourceMappingBatch',
      ],
    },
    s3: {
      client: new s3.S3Client({
        ...options,
        forcePathStyle: true,
        requestChecksumCalculation: 'WHEN_REQUIRED',
      }),
      module: s3,
      options: {
        text: xmlText,
        listsFrom: 1,
        shapes: {
          BucketName: bucket,
          ObjectKey: key,
          Metadata: metadata,
          ChecksumAlgorithm: fc.constant('CRC32'),
          // The SDK takes an empty one for none.
          Policy: word,
        },
        // The SDK encodes keys of encryption before it sends them.
        without: new Set([
          'SSECustomerKey',
          'SSECustomerKeyMD5',
          // It reads a date from it, which the server gives as it was sent.
          'Expires',
          'CopySourceSSECustomerKey',
          'CopySourceSSECustomerKeyMD5',
        ]),
      },
      // PostObject is called by pages, not by SDKs.
      streams: ['GetObject', 'PostObject', 'PutObject', 'UploadPart'],
    },
    sns: {
      client: new sns.SNSClient(options),
      module: sns,
      options: { text: xmlText },
      // An operation of nagare's own.
      streams: ['GetDeliveryAttempts'],
    },
    monitoring: { client: new cloudwatch.CloudWatchClient(options), module: cloudwatch, options: {} },
  };
}

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const metadata = fc.dictionary(word, word, { minKeys: 1, maxKeys: 3 });

/** What one side sent is what the other got: members may be added on the way, but none lost or changed. */
function assertArrived(sent: unknown, got: unknown, path: string): void {
  if (sent instanceof Uint8Array) {
    assert.ok(got instanceof Uint8Array || typeof got === 'string', path);
    assert.deepEqual(Buffer.from(got as Uint8Array), Buffer.from(sent), path);
  } else if (sent instanceof Date || typeof sent !== 'object' || sent === null) {
    assert.deepEqual(got, sent, path);
  } else if (Array.isArray(sent)) {
    assert.equal((got as unknown[] | undefined)?.length ?? 0, sent.length, path);
    sent.forEach((item, i) => assertArrived(item, (got as unknown[])[i], `${path}[${i}]`));
  } else {
    for (const [name, value] of Object.entries(sent)) {
      if (value === undefined || isEmpty(value)) continue;
      assertArrived(value, (got as Record<string, unknown> | undefined)?.[name], `${path}.${name}`);
    }
  }
}

/** XML and forms tell an empty list, map or structure from none at all only by chance. */
function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Date) return false;
  return Object.values(value).every((inner) => inner === undefined || isEmpty(inner));
}

describe('every operation, as the AWS SDK for JavaScript sends and reads it', () => {
  for (const name of Object.keys(models) as (keyof typeof models)[]) {
    const model = models[name];
    it(`${name}: any valid input arrives, and any output comes back`, async (t) => {
      let received: unknown;
      let answer: unknown;
      const service = testService(name, () => (input) => {
        received = input;
        return answer;
      });
      await using server = await serveServices([service]);
      const sdk = sdks(server.url)[name];
      t.after(() => sdk.client.destroy());
      for (const [operation, { input, output }] of Object.entries(model.operations)) {
        if (sdk.streams?.includes(operation) === true) continue;
        const Command = (sdk.module as Record<string, new (input: unknown) => never>)[`${operation}Command`];
        assert.ok(Command, `the SDK has ${operation}`);
        const inputs = input === undefined ? fc.constant({}) : arbitraryOf(model, input.shape, sdk.options);
        const outputs =
          output === undefined ? fc.constant({}) : arbitraryOf(model, output.shape, sdk.options);
        await fc.assert(
          fc.asyncProperty(inputs, outputs, async (sent, answered) => {
            answer = answered;
            const { $metadata: _, ...got } = (await sdk.client.send(new Command(sent))) as Record<
              string,
              unknown
            >;
            assertArrived(sent, received, `${operation} input`);
            assertArrived(answered, got, `${operation} output`);
          }),
          { seed: 20191103, numRuns: 4 },
        );
      }
    });
  }
});
