import { unsupported, type OperationTable } from '../../protocol/service.ts';
import type api from '../api.json' with { type: 'json' };
import type { LambdaContext } from '../context.ts';

type OperationName = keyof typeof api.operations;

/** Lambda's operations. */
export const operations = {
  AddPermission: unsupported('resource policies are not there yet'),
  CreateEventSourceMapping: unsupported('event source mappings are not there yet'),
  CreateFunction: unsupported('functions are not there yet'),
  DeleteEventSourceMapping: unsupported('event source mappings are not there yet'),
  DeleteFunction: unsupported('functions are not there yet'),
  DeleteFunctionConcurrency: unsupported('reserved concurrency is not there yet'),
  DeleteFunctionEventInvokeConfig: unsupported('settings of asynchronous invocation are not there yet'),
  GetAccountSettings: unsupported('account settings are not there yet'),
  GetEventSourceMapping: unsupported('event source mappings are not there yet'),
  GetFunction: unsupported('functions are not there yet'),
  GetFunctionConcurrency: unsupported('reserved concurrency is not there yet'),
  GetFunctionConfiguration: unsupported('functions are not there yet'),
  GetFunctionEventInvokeConfig: unsupported('settings of asynchronous invocation are not there yet'),
  GetPolicy: unsupported('resource policies are not there yet'),
  Invoke: unsupported('functions are not there yet'),
  InvokeAsync: unsupported('AWS has replaced it by Invoke with the invocation type Event'),
  ListEventSourceMappings: unsupported('event source mappings are not there yet'),
  ListFunctions: unsupported('functions are not there yet'),
  ListTags: unsupported('tags are not there yet'),
  PutFunctionConcurrency: unsupported('reserved concurrency is not there yet'),
  PutFunctionEventInvokeConfig: unsupported('settings of asynchronous invocation are not there yet'),
  RemovePermission: unsupported('resource policies are not there yet'),
  TagResource: unsupported('tags are not there yet'),
  UntagResource: unsupported('tags are not there yet'),
  UpdateEventSourceMapping: unsupported('event source mappings are not there yet'),
  UpdateFunctionCode: unsupported('functions are not there yet'),
  UpdateFunctionConfiguration: unsupported('functions are not there yet'),
  UpdateFunctionEventInvokeConfig: unsupported('settings of asynchronous invocation are not there yet'),
} satisfies OperationTable<LambdaContext, OperationName>;
