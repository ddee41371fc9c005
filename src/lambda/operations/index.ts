import { unsupported, type OperationTable } from '../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };
import type { LambdaContext } from '../context.ts';
import { createEventSourceMapping } from './create-event-source-mapping.ts';
import { deleteEventSourceMapping } from './delete-event-source-mapping.ts';
import { getEventSourceMapping } from './get-event-source-mapping.ts';
import { listEventSourceMappings } from './list-event-source-mappings.ts';
import { updateEventSourceMapping } from './update-event-source-mapping.ts';

type OperationName = keyof typeof api.operations;

/** Lambda's operations. */
export const operations = {
  AddPermission: unsupported('resource policies are not there yet'),
  CreateEventSourceMapping: createEventSourceMapping,
  CreateFunction: unsupported('functions are not there yet'),
  DeleteEventSourceMapping: deleteEventSourceMapping,
  DeleteFunction: unsupported('functions are not there yet'),
  DeleteFunctionConcurrency: unsupported('reserved concurrency is not there yet'),
  DeleteFunctionEventInvokeConfig: unsupported('settings of asynchronous invocation are not there yet'),
  GetAccountSettings: unsupported('account settings are not there yet'),
  GetEventSourceMapping: getEventSourceMapping,
  GetFunction: unsupported('functions are not there yet'),
  GetFunctionConcurrency: unsupported('reserved concurrency is not there yet'),
  GetFunctionConfiguration: unsupported('functions are not there yet'),
  GetFunctionEventInvokeConfig: unsupported('settings of asynchronous invocation are not there yet'),
  GetPolicy: unsupported('resource policies are not there yet'),
  Invoke: unsupported('functions are not there yet'),
  InvokeAsync: unsupported('AWS has replaced it by Invoke with the invocation type Event'),
  ListEventSourceMappings: listEventSourceMappings,
  ListFunctions: unsupported('functions are not there yet'),
  ListTags: unsupported('tags are not there yet'),
  PutFunctionConcurrency: unsupported('reserved concurrency is not there yet'),
  PutFunctionEventInvokeConfig: unsupported('settings of asynchronous invocation are not there yet'),
  RemovePermission: unsupported('resource policies are not there yet'),
  TagResource: unsupported('tags are not there yet'),
  UntagResource: unsupported('tags are not there yet'),
  UpdateEventSourceMapping: updateEventSourceMapping,
  UpdateFunctionCode: unsupported('functions are not there yet'),
  UpdateFunctionConfiguration: unsupported('functions are not there yet'),
  UpdateFunctionEventInvokeConfig: unsupported('settings of asynchronous invocation are not there yet'),
} satisfies OperationTable<LambdaContext, OperationName>;
