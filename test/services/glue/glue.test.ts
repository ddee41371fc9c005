import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  BatchDeleteTableCommand,
  BatchDeleteTableVersionCommand,
  CreateDatabaseCommand,
  CreateTableCommand,
  DeleteDatabaseCommand,
  DeleteTableCommand,
  DeleteTableVersionCommand,
  GetDatabaseCommand,
  GetDatabasesCommand,
  GetPartitionIndexesCommand,
  GetTableCommand,
  GetTablesCommand,
  GetTableVersionCommand,
  GetTableVersionsCommand,
  GetTagsCommand,
  GlueClient,
  TagResourceCommand,
  type TableInput,
  UntagResourceCommand,
  UpdateDatabaseCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import { glueLimits } from '../../../src/services/glue/limits.ts';
import { clientOptions, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let glue: GlueClient;

before(async () => {
  server = await startTestServer();
  glue = new GlueClient({ ...clientOptions(server.endpoint), maxAttempts: 1 });
});

after(async () => {
  glue.destroy();
  await server.close();
});

function orders(name: string, ...columns: string[]): TableInput {
  return {
    Name: name,
    TableType: 'EXTERNAL_TABLE',
    Parameters: { classification: 'parquet' },
    StorageDescriptor: {
      Location: 's3://lake/orders/',
      Columns: columns.map((column) => ({ Name: column, Type: 'bigint', Comment: 'a number' })),
      SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
    },
    PartitionKeys: [{ Name: 'dt', Type: 'string' }],
  };
}

async function createDatabase(name: string): Promise<void> {
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: name } }));
}

function refuses(name: string, message: RegExp) {
  return (error: Error) => error.name === name && message.test(error.message);
}

describe('databases', () => {
  it('are created, described, changed and deleted with their tables', async () => {
    await glue.send(
      new CreateDatabaseCommand({
        DatabaseInput: {
          Name: 'Shop',
          Description: 'sold',
          LocationUri: 's3://lake/',
          Parameters: { a: 'b' },
        },
        Tags: { team: 'data' },
      }),
    );
    const { Database: made } = await glue.send(new GetDatabaseCommand({ Name: 'SHOP' }));
    assert.equal(made?.Name, 'shop');
    assert.equal(made.Description, 'sold');
    assert.equal(made.CatalogId, '000000000000');
    assert.deepEqual(made.Parameters, { a: 'b' });
    assert.ok(made.CreateTime instanceof Date);
    await glue.send(
      new UpdateDatabaseCommand({ Name: 'shop', DatabaseInput: { Name: 'shop', Description: 'new' } }),
    );
    const { Database: changed } = await glue.send(new GetDatabaseCommand({ Name: 'shop' }));
    assert.equal(changed?.Description, 'new');
    assert.equal(changed.Parameters, undefined);
    assert.deepEqual(changed.CreateTime, made.CreateTime);
    await glue.send(new CreateTableCommand({ DatabaseName: 'shop', TableInput: orders('orders', 'id') }));
    await glue.send(new DeleteDatabaseCommand({ Name: 'shop' }));
    await assert.rejects(
      glue.send(new GetTableCommand({ DatabaseName: 'shop', Name: 'orders' })),
      refuses('EntityNotFoundException', /^Database shop not found/),
    );
    await createDatabase('shop');
    const { TableList } = await glue.send(new GetTablesCommand({ DatabaseName: 'shop' }));
    assert.deepEqual(TableList, []);
  });

  it('are listed in pages', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) await createDatabase(name);
    const names: string[] = [];
    let token: string | undefined;
    do {
      const page = await glue.send(
        new GetDatabasesCommand({ MaxResults: 2, ...(token !== undefined && { NextToken: token }) }),
      );
      names.push(...(page.DatabaseList ?? []).map(({ Name = '' }) => Name));
      token = page.NextToken;
    } while (token !== undefined);
    assert.deepEqual(
      names.filter((name) => name.startsWith('page-')),
      ['page-a', 'page-b', 'page-c'],
    );
    const { DatabaseList } = await glue.send(new GetDatabasesCommand({ AttributesToGet: ['NAME'] }));
    assert.deepEqual(Object.keys(DatabaseList?.[0] ?? {}), ['Name']);
  });

  it('have tags', async () => {
    await createDatabase('tagged');
    const ResourceArn = 'arn:aws:glue:us-east-1:000000000000:database/tagged';
    await glue.send(new TagResourceCommand({ ResourceArn, TagsToAdd: { a: '1', b: '2' } }));
    await glue.send(new UntagResourceCommand({ ResourceArn, TagsToRemove: ['a'] }));
    assert.deepEqual((await glue.send(new GetTagsCommand({ ResourceArn }))).Tags, { b: '2' });
  });

  it('refuse an existing name, and another catalog', async () => {
    await createDatabase('twice');
    await assert.rejects(
      createDatabase('Twice'),
      refuses('AlreadyExistsException', /^Database already exists/),
    );
    await assert.rejects(
      glue.send(new GetDatabaseCommand({ Name: 'twice', CatalogId: '111122223333' })),
      refuses('EntityNotFoundException', /^Catalog 111122223333 not found/),
    );
    await assert.rejects(
      glue.send(
        new CreateDatabaseCommand({
          DatabaseInput: { Name: 'link', TargetDatabase: { CatalogId: '1', DatabaseName: 'x' } },
        }),
      ),
      refuses('InvalidInputException', /TargetDatabase/),
    );
  });
});

describe('tables', () => {
  before(() => createDatabase('t'));

  it('store everything they are given, across a restart', async () => {
    const input = orders('Kept', 'id', 'customer');
    await glue.send(new CreateTableCommand({ DatabaseName: 't', TableInput: input }));
    await server.restart();
    const { Table } = await glue.send(new GetTableCommand({ DatabaseName: 't', Name: 'kept' }));
    assert.equal(Table?.Name, 'kept');
    assert.equal(Table.VersionId, '0');
    assert.equal(Table.DatabaseName, 't');
    const { StorageDescriptor, PartitionKeys, Parameters, TableType } = Table;
    assert.deepEqual(
      { StorageDescriptor, PartitionKeys, Parameters, TableType },
      {
        StorageDescriptor: input.StorageDescriptor,
        PartitionKeys: input.PartitionKeys,
        Parameters: input.Parameters,
        TableType: input.TableType,
      },
    );
    const { PartitionIndexDescriptorList: indexes } = await glue.send(
      new GetPartitionIndexesCommand({ DatabaseName: 't', TableName: 'kept' }),
    );
    assert.deepEqual(indexes, []);
  });

  it('get a version with each update, and keep earlier ones', async () => {
    await glue.send(new CreateTableCommand({ DatabaseName: 't', TableInput: orders('v', 'a') }));
    await glue.send(new UpdateTableCommand({ DatabaseName: 't', TableInput: orders('v', 'a', 'b') }));
    await glue.send(
      new UpdateTableCommand({ DatabaseName: 't', TableInput: orders('v', 'a', 'b', 'c'), VersionId: '1' }),
    );
    await assert.rejects(
      glue.send(new UpdateTableCommand({ DatabaseName: 't', TableInput: orders('v', 'z'), VersionId: '1' })),
      refuses('ConcurrentModificationException', /^Update table failed due to concurrent modifications/),
    );
    const place = { DatabaseName: 't', TableName: 'v' };
    const columnsOf = async (VersionId: string) => {
      const { TableVersion } = await glue.send(new GetTableVersionCommand({ ...place, VersionId }));
      return TableVersion?.Table?.StorageDescriptor?.Columns?.map(({ Name }) => Name);
    };
    assert.deepEqual(await columnsOf('0'), ['a']);
    assert.deepEqual(await columnsOf('1'), ['a', 'b']);
    assert.deepEqual(await columnsOf('2'), ['a', 'b', 'c']);
    const listed: (string | undefined)[] = [];
    let token: string | undefined;
    do {
      const page = await glue.send(
        new GetTableVersionsCommand({
          ...place,
          MaxResults: 1,
          ...(token !== undefined && { NextToken: token }),
        }),
      );
      listed.push(...(page.TableVersions ?? []).map(({ VersionId }) => VersionId));
      token = page.NextToken;
    } while (token !== undefined);
    assert.deepEqual(listed, ['2', '1', '0']);
    await glue.send(new DeleteTableVersionCommand({ ...place, VersionId: '0' }));
    await assert.rejects(columnsOf('0'), refuses('EntityNotFoundException', /^Version not found/));
    const { Errors } = await glue.send(
      new BatchDeleteTableVersionCommand({ ...place, VersionIds: ['1', '2', '7'] }),
    );
    assert.deepEqual(
      Errors?.map(({ VersionId, ErrorDetail }) => [VersionId, ErrorDetail?.ErrorCode]),
      [
        ['2', 'InvalidInputException'],
        ['7', 'EntityNotFoundException'],
      ],
    );
    await glue.send(
      new UpdateTableCommand({ DatabaseName: 't', TableInput: orders('v', 'q'), SkipArchive: true }),
    );
    const { TableVersions } = await glue.send(new GetTableVersionsCommand(place));
    assert.deepEqual(
      TableVersions?.map(({ VersionId }) => VersionId),
      ['3'],
    );
  });

  it('do not inherit the versions of an earlier table of the same name', async () => {
    await glue.send(new CreateTableCommand({ DatabaseName: 't', TableInput: orders('again', 'a') }));
    await glue.send(new UpdateTableCommand({ DatabaseName: 't', TableInput: orders('again', 'b') }));
    await glue.send(new DeleteTableCommand({ DatabaseName: 't', Name: 'again' }));
    await glue.send(new CreateTableCommand({ DatabaseName: 't', TableInput: orders('again', 'c') }));
    const { TableVersions } = await glue.send(
      new GetTableVersionsCommand({ DatabaseName: 't', TableName: 'again' }),
    );
    assert.deepEqual(
      TableVersions?.map(({ VersionId }) => VersionId),
      ['0'],
    );
  });

  it('are listed by name, with an expression, and deleted together', async () => {
    await createDatabase('many');
    for (const name of ['orders_2025', 'orders_2026', 'visits']) {
      await glue.send(new CreateTableCommand({ DatabaseName: 'many', TableInput: orders(name, 'id') }));
    }
    const names = async (Expression: string) => {
      const { TableList } = await glue.send(new GetTablesCommand({ DatabaseName: 'many', Expression }));
      return TableList?.map(({ Name }) => Name);
    };
    assert.deepEqual(await names('orders*'), ['orders_2025', 'orders_2026']);
    assert.deepEqual(await names('.*26|visits'), ['orders_2026', 'visits']);
    assert.deepEqual(await names('order'), []);
    await assert.rejects(names('(a+)+'), refuses('InvalidInputException', /Expression/));
    const { Errors } = await glue.send(
      new BatchDeleteTableCommand({ DatabaseName: 'many', TablesToDelete: ['orders_2025', 'none'] }),
    );
    assert.deepEqual(
      Errors?.map(({ TableName, ErrorDetail }) => [TableName, ErrorDetail?.ErrorMessage]),
      [['none', 'Table none not found.']],
    );
    assert.deepEqual(await names('*'), ['orders_2026', 'visits']);
  });

  it('refuse unsupported options by name', async () => {
    const create = (input: Partial<TableInput>, more: object = {}) =>
      glue.send(
        new CreateTableCommand({
          DatabaseName: 't',
          TableInput: { ...orders('no', 'id'), ...input },
          ...more,
        }),
      );
    await assert.rejects(
      create({}, { PartitionIndexes: [{ Keys: ['dt'], IndexName: 'i' }] }),
      refuses('InvalidInputException', /PartitionIndexes/),
    );
    await assert.rejects(
      create({ TargetTable: { DatabaseName: 'x' } }),
      refuses('InvalidInputException', /TargetTable/),
    );
    await assert.rejects(
      create({ PartitionKeys: [{ Name: 'ID' }] }),
      refuses('InvalidInputException', /Column ID is given twice/),
    );
    await assert.rejects(
      glue.send(new UpdateTableCommand({ DatabaseName: 't', TableInput: orders('none', 'id') })),
      refuses('EntityNotFoundException', /^Table none not found/),
    );
  });
});

function tableOf(Name: string, size: number) {
  return { DatabaseName: 'large', TableInput: { Name, Parameters: { text: 'x'.repeat(size) } } };
}

/** A page of 100 tables of 800 KB took 0.7 seconds of the only thread, and 10,000 such tables were allowed. */
it('large tables make short pages, and all of them together have a bound', async (t) => {
  const { pageCharactersMax, smallInputCharactersMax, inputCharactersMax } = glueLimits;
  t.after(
    () => void Object.assign(glueLimits, { pageCharactersMax, smallInputCharactersMax, inputCharactersMax }),
  );
  Object.assign(glueLimits, {
    pageCharactersMax: 10_000,
    smallInputCharactersMax: 500,
    inputCharactersMax: 40_000,
  });
  await createDatabase('large');
  for (const name of ['a', 'b', 'c']) await glue.send(new CreateTableCommand(tableOf(name, 4_000)));
  await glue.send(new CreateTableCommand(tableOf('d', 12_000)));
  const pages: (string | undefined)[][] = [];
  for (
    let NextToken: string | undefined, isFirst = true;
    isFirst || NextToken !== undefined;
    isFirst = false
  ) {
    const page = await glue.send(
      new GetTablesCommand({ DatabaseName: 'large', ...(NextToken !== undefined && { NextToken }) }),
    );
    pages.push((page.TableList ?? []).map(({ Name }) => Name));
    ({ NextToken } = page);
  }
  assert.deepEqual(pages, [['a', 'b'], ['c'], ['d']]);

  for (const size of [3_900, 3_800]) await glue.send(new UpdateTableCommand(tableOf('a', size)));
  const versions = { DatabaseName: 'large', TableName: 'a' };
  const first = await glue.send(new GetTableVersionsCommand(versions));
  assert.deepEqual(
    first.TableVersions?.map(({ VersionId }) => VersionId),
    ['2', '1'],
  );
  const second = await glue.send(
    new GetTableVersionsCommand({ ...versions, NextToken: first.NextToken ?? '' }),
  );
  assert.deepEqual(
    second.TableVersions?.map(({ VersionId }) => VersionId),
    ['0'],
  );

  const tooLarge = refuses('ResourceNumberLimitExceededException', /too large together/);
  await assert.rejects(glue.send(new CreateTableCommand(tableOf('e', 20_000))), tooLarge);
  await assert.rejects(glue.send(new UpdateTableCommand(tableOf('a', 25_000))), tooLarge);
  const database = { Name: 'wide', Description: 'x'.repeat(2_000), Parameters: { text: 'x'.repeat(20_000) } };
  await assert.rejects(glue.send(new CreateDatabaseCommand({ DatabaseInput: database })), tooLarge);
  await glue.send(new CreateTableCommand(tableOf('e', 300)));
  await glue.send(new DeleteTableCommand({ DatabaseName: 'large', Name: 'd' }));
  await glue.send(new UpdateTableCommand(tableOf('a', 20_000)));
});
