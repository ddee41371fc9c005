import { admit } from '../../../support/admission.ts';
import type { TestContext } from 'node:test';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { listen } from '../../../../src/http/server.ts';
import api from '../../../../src/services/lambda/api.json' with { type: 'json' };
import { createEventSourceMapping } from '../../../../src/services/lambda/operations/create-event-source-mapping.ts';
import { deleteEventSourceMapping } from '../../../../src/services/lambda/operations/delete-event-source-mapping.ts';
import { getEventSourceMapping } from '../../../../src/services/lambda/operations/get-event-source-mapping.ts';
import { listEventSourceMappings } from '../../../../src/services/lambda/operations/list-event-source-mappings.ts';
import { updateEventSourceMapping } from '../../../../src/services/lambda/operations/update-event-source-mapping.ts';
import type { LambdaContext } from '../../../../src/services/lambda/context.ts';
import { createDispatcher } from '../../../../src/protocol/dispatch.ts';
import { service, type OperationTable } from '../../../../src/protocol/service.ts';
import { systemClock } from '../../../../src/support/clock.ts';
import { silentLog } from '../../../../src/support/log.ts';
import { clientOptions } from '../../../support/server.ts';
import { setup } from './setup.ts';

const operations = {
  CreateEventSourceMapping: createEventSourceMapping,
  DeleteEventSourceMapping: deleteEventSourceMapping,
  GetEventSourceMapping: getEventSourceMapping,
  ListEventSourceMappings: listEventSourceMappings,
  UpdateEventSourceMapping: updateEventSourceMapping,
} satisfies OperationTable<LambdaContext, string>;

/** The operations behind a port, as a client of AWS's own sees them, over functions that the test plays. */
export async function setupClient(t: TestContext) {
  const parts = await setup(t);
  // The five operations need no more of the context: the functions have no definitions whose roles could be asked.
  const context = {
    mappings: parts.mappings,
    functions: { locate: () => undefined },
  } as unknown as LambdaContext;
  const handler = createDispatcher({
    admit,
    services: [service('lambda', api, operations, context, 1_000_000, { authorization: undefined })],
    region: 'us-east-1',
    accountId: '000000000000',
    log: silentLog,
    clock: systemClock,
  });
  const server = await listen({ host: '127.0.0.1', port: 0, handler, log: silentLog });
  t.after(() => server.close());
  const client = new LambdaClient({
    ...clientOptions(`http://127.0.0.1:${server.port}`),
    maxAttempts: 1,
  });
  t.after(() => client.destroy());
  return { ...parts, client };
}
