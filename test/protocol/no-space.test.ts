import { jsonFor } from '../support/admission.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineFullError } from '../../src/engine/engine.ts';
import { silentLog } from '../../src/support/log.ts';
import { postTarget, serveServices, testService } from './support.ts';

// Only puts of records said why; elsewhere it was "an internal error", and a stack in the log each time.
test('a full disk is reported as such, wherever it is detected', async () => {
  const full = { log: { ...silentLog, error: () => assert.fail('a full disk is no fault of ours') } };
  const services = [
    testService('kinesis', {
      ListStreams: () => {
        throw new EngineFullError('no space left on the disk');
      },
    }),
    testService('lambda', {
      Invoke: () => {
        throw new EngineFullError('no space left on the disk');
      },
    }),
    testService('monitoring', {
      PutMetricData: () => {
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      },
    }),
  ];
  await using server = await serveServices(services, full);
  const answers = [
    await postTarget(server.url, 'Kinesis_20131202.ListStreams', '{}'),
    await postTarget(
      server.url,
      'GraniteServiceVersion20100801.PutMetricData',
      '{"Namespace":"n","MetricData":[]}',
    ),
    await (async () => {
      const invoke = await fetch(`${server.url}/2015-03-31/functions/f/invocations`, {
        method: 'POST',
        headers: jsonFor('lambda'),
      });
      return { status: invoke.status, body: await invoke.text() };
    })(),
  ];
  for (const { status, body } of answers) {
    assert.equal(status, 500);
    assert.match(body, /The request could not be stored: no space left on device/);
  }
});
