import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import {
  DescribeDeliveryStreamCommand,
  PutRecordBatchCommand,
  UpdateDestinationCommand,
} from '@aws-sdk/client-firehose';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { runCommand } from '../../support/command.ts';
import { declared } from '../../support/declarations.ts';
import { refusalOf } from '../../support/refusal.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import { type FirehoseWorld, startFirehose } from './support.ts';

const DeliveryStreamName = 'orders';
const soon = { sizeInMBs: 1, intervalInSeconds: 0 };

const sqlite = (more: object = {}) => ({
  sqlite: { folder: '.', file: 'orders.db' },
  table: 'orders',
  columns: { id: 'bigint', who: { type: 'text', path: '$.customer.name' } },
  bufferingHints: soon,
  ...more,
});

function rowsIn(file: string, sql: string): object[] {
  if (!existsSync(file)) return [];
  using database = new DatabaseSync(file, { timeout: 5_000 });
  const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'orders'").get() !== undefined;
  return isThere
    ? database
        .prepare(sql)
        .all()
        .map((row) => ({ ...row }))
    : [];
}

async function startDatabase(database: object, more: object = {}) {
  const baseDir = await temporaryFolder();
  const start = (changed = database) =>
    startFirehose({
      baseDir,
      dataDir: join(baseDir, 'data'),
      declarations: declared({
        deliveryStreams: { orders: { database: changed, ...more } },
        streams: { clicks: {} },
      }),
    });
  const file = join(baseDir, 'orders.db');
  return { start, rows: (sql = 'SELECT id, who FROM orders ORDER BY rowid') => rowsIn(file, sql), file };
}

async function put(world: FirehoseWorld, texts: readonly string[]): Promise<void> {
  const Records = texts.map((text) => ({ Data: Buffer.from(text) }));
  await world.firehose.send(new PutRecordBatchCommand({ DeliveryStreamName, Records }));
}

describe('a delivery stream into a database', () => {
  it('writes rows, even after a restart, and refuses single records', async () => {
    const { start, rows } = await startDatabase(sqlite());
    {
      await using world = await start();
      await put(world, ['{"id":1,"customer":{"name":"a"}}', 'no json', '{"id":"x"}']);
      await until(() => rows().length === 1);
      await until(() => rows('SELECT error_code FROM orders_errors').length === 2);
    }
    await using world = await start();
    await put(world, ['{"id":2}']);
    await until(() => rows().length === 2);
    assert.deepEqual(rows(), [
      { id: 1, who: 'a' },
      { id: 2, who: null },
    ]);
  });

  it('writes the raw records of a stream if there are no columns', async () => {
    const { start, rows } = await startDatabase(sqlite({ columns: undefined }), {
      stream: 'clicks',
      startingPosition: 'TRIM_HORIZON',
    });
    await using world = await start();
    const Records = ['a', 'b'].map((text) => ({ Data: Buffer.from(text), PartitionKey: 'k' }));
    await world.kinesis.send(new PutRecordsCommand({ StreamName: 'clicks', Records }));
    await until(() => rows('SELECT 1 FROM orders').length === 2);
    assert.deepEqual(rows('SELECT shard_id, CAST(data AS TEXT) AS data FROM orders ORDER BY rowid'), [
      { shard_id: 'shardId-000000000000', data: 'a' },
      { shard_id: 'shardId-000000000000', data: 'b' },
    ]);
  });

  it('processes records before delivery', async () => {
    const processors = [{ type: 'AppendDelimiterToRecord' }];
    const columns = { line: { type: 'text', path: '$' } };
    const { start, rows } = await startDatabase(
      sqlite({ columns, processingConfiguration: { enabled: true, processors } }),
    );
    await using world = await start();
    await put(world, ['a', 'b']);
    await until(() => rows('SELECT 1 FROM orders').length === 2);
    assert.deepEqual(rows('SELECT line FROM orders ORDER BY rowid'), [{ line: 'a\n' }, { line: 'b\n' }]);
  });

  it('is returned without settings to SDKs, and with them to nagare delivery describe', async () => {
    const { start, file } = await startDatabase(sqlite());
    await using world = await start();
    const { DeliveryStreamDescription } = await world.firehose.send(
      new DescribeDeliveryStreamCommand({ DeliveryStreamName }),
    );
    assert.deepEqual(DeliveryStreamDescription?.Destinations, [
      { DestinationId: 'destinationId-000000000001' },
    ]);
    const { output } = await runCommand([
      'delivery',
      'describe',
      'orders',
      '--json',
      '--endpoint',
      world.server.endpoint,
    ]);
    const { Progress } = JSON.parse(output) as { Progress: { Database: unknown } };
    assert.deepEqual(Progress.Database, {
      Type: 'sqlite',
      Location: file,
      Table: 'orders',
      ErrorTable: 'orders_errors',
      Columns: [
        { Name: 'id', Type: 'bigint', Path: "$['id']", Required: false },
        { Name: 'who', Type: 'text', Path: '$.customer.name', Required: false },
      ],
    });
    await assert.rejects(
      world.firehose.send(
        new UpdateDestinationCommand({
          DeliveryStreamName,
          CurrentDeliveryStreamVersionId: '1',
          DestinationId: 'destinationId-000000000001',
          ExtendedS3DestinationUpdate: {},
        }),
      ),
      { name: 'InvalidArgumentException', message: /change it in the nagare\.yaml that declares it/ },
    );
  });

  it('continues in another table after nagare.yaml changes', async () => {
    const { start, rows } = await startDatabase(sqlite());
    {
      await using world = await start();
      await put(world, ['{"id":1}']);
      await until(() => rows().length === 1);
    }
    await using world = await start(sqlite({ table: 'more' }));
    await put(world, ['{"id":2}']);
    await until(() => rows("SELECT 1 FROM sqlite_schema WHERE name = 'more'").length === 1);
    await until(() => rows('SELECT id FROM more').length === 1);
    assert.deepEqual(rows('SELECT id FROM more UNION ALL SELECT id FROM orders'), [{ id: 2 }, { id: 1 }]);
  });

  const refused: [what: string, database: object, message: RegExp][] = [
    [
      'two databases',
      { postgresql: { url: { file: 'x' } } },
      /database must have either postgresql or sqlite/,
    ],
    ['no database', { sqlite: undefined }, /database must have either postgresql or sqlite/],
    ['a file in another folder', { sqlite: { folder: '.', file: '../x.db' } }, /must be the name of a file/],
    ['a schema in SQLite', { schema: 'shop' }, /database\.schema is for PostgreSQL only/],
    ['a name that SQLite reserves', { table: 'sqlite_x' }, /SQLite reserves names/],
    ['the table of the positions', { table: 'nagare_positions' }, /cannot be nagare_positions/],
    ['a long name', { table: 'x'.repeat(57) }, /database\.table must not be longer than 56 bytes/],
    [
      'a column of its own',
      { columns: { Shard_Id: 'text' } },
      /columns has Shard_Id twice, or it is one that/,
    ],
    ['no columns', { columns: {} }, /must be from 1 to 200 columns/],
    ['a wrong path', { columns: { id: { type: 'text', path: 'id' } } }, /id is not a path/],
    ['an unknown type', { columns: { id: 'int' } }, /must be one of text, integer/],
    [
      'a variable that is not set',
      { sqlite: undefined, postgresql: { url: { environment: 'NAGARE_TEST_UNSET' } } },
      /the environment variable NAGARE_TEST_UNSET of database\.postgresql\.url is not set/,
    ],
    [
      'a processor that partitions',
      {
        processingConfiguration: {
          enabled: true,
          processors: [
            {
              type: 'MetadataExtraction',
              parameters: [
                { parameterName: 'MetadataExtractionQuery', parameterValue: '{a: .a}' },
                { parameterName: 'JsonParsingEngine', parameterValue: 'JQ-1.6' },
              ],
            },
          ],
        },
      },
      /MetadataExtraction/,
    ],
  ];
  for (const [what, more, message] of refused) {
    it(`is refused with ${what}`, async () => {
      const database = JSON.parse(JSON.stringify(sqlite(more))) as object;
      assert.match(await refusalOf({ deliveryStreams: { orders: { database } } }), message);
    });
  }

  it('is refused together with another destination', async () => {
    const extendedS3DestinationConfiguration = { bucketARN: 'arn:aws:s3:::lake', bufferingHints: soon };
    assert.match(
      await refusalOf({
        deliveryStreams: { orders: { database: sqlite(), extendedS3DestinationConfiguration } },
      }),
      /database and extendedS3DestinationConfiguration: a delivery stream has one destination/,
    );
  });
});
