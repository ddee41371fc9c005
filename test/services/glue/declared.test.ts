import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import { openGlue } from '../../../src/services/glue/glue.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { applyDeclared } from '../../support/declarations.ts';
import { temporaryFolder } from '../../support/server.ts';

const shop = (columns: Record<string, string>) => ({
  glueDatabases: {
    shop: {
      description: 'What is sold',
      tables: { Orders: { columns, location: 's3://lake/orders/' } },
    },
  },
});

test('nagare.yaml declares databases and tables; a changed declaration is a new version', async () => {
  const engine = await openEmbeddedEngine({
    folder: await temporaryFolder(),
    clock: systemClock,
    log: silentLog,
  });
  const glue = openGlue({ engine, clock: systemClock, region: 'us-east-1', accountId: '000000000000' });
  const find = (versionId: string, catalogId?: string) =>
    glue.schemas.find({ databaseName: 'shop', tableName: 'orders', versionId, catalogId });
  try {
    await applyDeclared(
      glue.declarer,
      shop({ id: 'bigint', amount: 'decimal(10,2)', tags: 'array<string>' }),
    );
    assert.deepEqual(await find('LATEST'), {
      versionId: '0',
      columns: [
        { name: 'id', type: 'bigint' },
        { name: 'amount', type: 'decimal(10,2)' },
        { name: 'tags', type: 'array<string>' },
      ],
    });
    await applyDeclared(
      glue.declarer,
      shop({ id: 'bigint', amount: 'decimal(10,2)', tags: 'array<string>' }),
    );
    assert.equal((await find('LATEST'))?.versionId, '0');
    await applyDeclared(glue.declarer, shop({ id: 'bigint' }));
    assert.deepEqual(await find('LATEST'), { versionId: '1', columns: [{ name: 'id', type: 'bigint' }] });
    assert.equal((await find('0'))?.columns.length, 3);
    assert.equal(await find('5'), undefined);
    assert.equal(await find('LATEST', '111122223333'), undefined);
  } finally {
    await engine.close();
  }
});
