import { signedFor } from '../support/admission.ts';
import { describe, it } from 'node:test';
import { Encoder } from 'cbor-x';
import * as fc from 'fast-check';
import { assertWellFormed, bodies, fakeRequest } from './fuzz.ts';
import { dispatcher, models, testService } from './support.ts';

const cbor = new Encoder({ useRecords: false, tagUint8Array: false });
const answer = dispatcher([
  testService('kinesis', () => () => ({})),
  testService('monitoring', () => () => ({})),
  testService('sns', () => () => ({})),
  testService('lambda', () => () => ({})),
  testService('s3', () => () => ({})),
]);

describe('any body of any operation', () => {
  for (const [name, contentType, encode] of [
    ['JSON', 'application/x-amz-json-1.1', (value: unknown) => Buffer.from(JSON.stringify(value) ?? 'null')],
    ['CBOR', 'application/x-amz-cbor-1.1', (value: unknown) => Buffer.from(cbor.encode(value))],
  ] as const) {
    it(`in ${name} is answered, or refused with a readable error`, async () => {
      for (const model of [models.kinesis, models.monitoring]) {
        for (const [operation, { input, output }] of Object.entries(model.operations)) {
          if (input === undefined || model.shapes[output?.shape ?? '']?.members?.['EventStream']) continue;
          const headers = {
            ...signedFor('kinesis'),
            'content-type': contentType,
            'x-amz-target': `${model.metadata.targetPrefix ?? ''}.${operation}`,
          };
          await fc.assert(
            fc.asyncProperty(bodies(model, input.shape, encode), async (body) => {
              assertWellFormed(await answer(fakeRequest({ headers }, body)), operation);
            }),
            { seed: 20191103, numRuns: 8 },
          );
        }
      }
    });
  }

  it('in a form is answered, or refused with a readable error', async () => {
    const names = fc.stringMatching(
      /^(Action|Version|Tags|Name|Attributes|member|entry|key|value|[0-9]{1,2}|\.){1,6}$/,
    );
    const headers = { ...signedFor('sns'), 'content-type': 'application/x-www-form-urlencoded' };
    for (const operation of Object.keys(models.sns.operations)) {
      await fc.assert(
        fc.asyncProperty(fc.dictionary(names, fc.string()), async (parameters) => {
          const form = new URLSearchParams({ Action: operation, Version: '2010-03-31', ...parameters });
          assertWellFormed(await answer(fakeRequest({ headers }, Buffer.from(form.toString()))), operation);
        }),
        { seed: 1, numRuns: 20 },
      );
    }
  });

  it('in XML or without one is answered, or refused with a readable error', async () => {
    const bits = fc.constantFrom(
      '<',
      '>',
      '<a>',
      '</a>',
      '<Part>',
      '</Part>',
      '<ETag>',
      '&',
      '&amp;',
      'x',
      '<!',
      '?>',
      '"',
    );
    const paths = fc.stringMatching(/^(\/|%|a|b|2|f|\.){1,8}$/).map((path) => `/${path}`);
    const queries = fc.stringMatching(/^(uploadId|partNumber|=|&|1|list-type|acl|%){0,6}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'FOO'),
        paths,
        queries,
        fc.array(bits).map((parts) => Buffer.from(parts.join(''))),
        async (method, path, query, body) => {
          const response = await answer(fakeRequest({ method, path, query }, body));
          if (response.status !== 204 && response.status !== 501)
            assertWellFormed(response, `${method} ${path}?${query}`);
        },
      ),
      { seed: 2, numRuns: 1000 },
    );
  });
});
