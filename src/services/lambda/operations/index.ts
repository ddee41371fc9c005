import { unsupported, type OperationTable } from '../../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };
import type { LambdaContext } from '../context.ts';
import { createEventSourceMapping } from './create-event-source-mapping.ts';
import { createFunction } from './create-function.ts';
import { deleteEventSourceMapping } from './delete-event-source-mapping.ts';
import { deleteFunction } from './delete-function.ts';
import { getEventSourceMapping } from './get-event-source-mapping.ts';
import { getFunctionConfiguration } from './get-function-configuration.ts';
import { getFunction } from './get-function.ts';
import { invoke } from './invoke.ts';
import { listEventSourceMappings } from './list-event-source-mappings.ts';
import { listFunctions } from './list-functions.ts';
import { updateEventSourceMapping } from './update-event-source-mapping.ts';
import { updateFunctionCode } from './update-function-code.ts';
import { updateFunctionConfiguration } from './update-function-configuration.ts';

type OperationName = keyof typeof api.operations;

/** Operations of Lambda; the ones nagare does not have are in unsupported.json. */
export const operations = {
  AddPermission: unsupported('resource policies are not supported yet'),
  CreateEventSourceMapping: createEventSourceMapping,
  CreateFunction: createFunction,
  DeleteEventSourceMapping: deleteEventSourceMapping,
  DeleteFunction: deleteFunction,
  DeleteFunctionConcurrency: unsupported('reserved concurrency is not supported yet'),
  DeleteFunctionEventInvokeConfig: unsupported('settings of asynchronous invocation are not supported yet'),
  GetAccountSettings: unsupported('account settings are not supported yet'),
  GetEventSourceMapping: getEventSourceMapping,
  GetFunction: getFunction,
  GetFunctionConcurrency: unsupported('reserved concurrency is not supported yet'),
  GetFunctionConfiguration: getFunctionConfiguration,
  GetFunctionEventInvokeConfig: unsupported('settings of asynchronous invocation are not supported yet'),
  GetPolicy: unsupported('resource policies are not supported yet'),
  Invoke: invoke,
  InvokeAsync: unsupported('AWS has replaced it by Invoke with the invocation type Event'),
  ListEventSourceMappings: listEventSourceMappings,
  ListFunctions: listFunctions,
  ListTags: unsupported('tags are not supported yet'),
  PutFunctionConcurrency: unsupported('reserved concurrency is not supported yet'),
  PutFunctionEventInvokeConfig: unsupported('settings of asynchronous invocation are not supported yet'),
  RemovePermission: unsupported('resource policies are not supported yet'),
  TagResource: unsupported('tags are not supported yet'),
  UntagResource: unsupported('tags are not supported yet'),
  UpdateEventSourceMapping: updateEventSourceMapping,
  UpdateFunctionCode: updateFunctionCode,
  UpdateFunctionConfiguration: updateFunctionConfiguration,
  UpdateFunctionEventInvokeConfig: unsupported('settings of asynchronous invocation are not supported yet'),
} satisfies OperationTable<LambdaContext, OperationName>;
