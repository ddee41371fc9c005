import type {
  AddPermissionRequest,
  CreateEventSourceMappingRequest,
  CreateFunctionRequest,
  PutFunctionEventInvokeConfigRequest,
} from '@aws-sdk/client-lambda';
import { section } from '../../../config/declarations.ts';
import {
  described,
  fields,
  listOf,
  namesTo,
  optional,
  required,
  text,
  variable,
  withDefault,
  wordOr,
  type ValueOf,
} from '../../../config/yaml-reader.ts';
import { ModelInput } from '../../../declarations/model-reader.ts';
import type { Checked } from '../../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };

/** `nagare.yaml` declares the reserved concurrency with the function; the API has a separate operation for it. */
type FunctionInput = Checked<CreateFunctionRequest> & { readonly ReservedConcurrentExecutions?: number };

const model = {
  ...api,
  shapes: {
    ...api.shapes,
    DeclaredFunction: {
      ...api.shapes.CreateFunctionRequest,
      members: {
        ...api.shapes.CreateFunctionRequest.members,
        ReservedConcurrentExecutions: { shape: 'ReservedConcurrentExecutions' },
      },
    },
  },
} as const;

const mappingInput = new ModelInput<Checked<CreateEventSourceMappingRequest>>(
  api,
  'CreateEventSourceMappingRequest',
);

const eventSource = mappingInput.reader({
  members: [
    'BatchSize',
    'BisectBatchOnFunctionError',
    'Enabled',
    'FunctionResponseTypes',
    'MaximumBatchingWindowInSeconds',
    'MaximumRecordAgeInSeconds',
    'MaximumRetryAttempts',
    'MetricsConfig',
    'ParallelizationFactor',
    'ScalingConfig',
    'StartingPosition',
    'StartingPositionTimestamp',
    'TumblingWindowInSeconds',
  ],
  own: {
    stream: optional(
      described(
        'Name or ARN of a stream, which is read from TRIM_HORIZON unless a position is given',
        text(),
      ),
    ),
    queue: optional(described('Name or ARN of a queue, instead of a stream', text())),
    filters: optional(
      described('Filter patterns in JSON; a record is delivered if it matches one of them', listOf(text())),
    ),
    onFailure: optional(described('ARN of the topic or bucket that receives discarded records', text())),
  },
});

const permission = new ModelInput<Checked<AddPermissionRequest>>(api, 'AddPermissionRequest').reader({
  members: ['Action', 'EventSourceToken', 'Principal', 'PrincipalOrgID', 'SourceAccount', 'SourceArn'],
  required: ['Principal'],
  defaults: { Action: 'lambda:InvokeFunction' },
  own: {},
});

const permissions = withDefault(
  described('Who may invoke it, by statement ID, as in AddPermission', namesTo(permission)),
  {},
);

const alias = wordOr(
  text(),
  fields({ description: withDefault(described('What it is for', text()), ''), permissions }),
);

const eventInvokeConfig = new ModelInput<Checked<PutFunctionEventInvokeConfigRequest>>(
  api,
  'PutFunctionEventInvokeConfigRequest',
).reader({
  members: ['MaximumEventAgeInSeconds', 'MaximumRetryAttempts'],
  own: {
    onSuccess: optional(described('ARN of the destination for records of successful invocations', text())),
    onFailure: optional(described('ARN of the destination for records of failed invocations', text())),
  },
});

const declaredFunction = new ModelInput<FunctionInput>(model, 'DeclaredFunction').reader({
  members: [
    'DeadLetterConfig',
    'Description',
    'Handler',
    'LoggingConfig',
    'MemorySize',
    'ReservedConcurrentExecutions',
    'Timeout',
  ],
  defaults: { Handler: 'handler' },
  own: {
    path: required(
      described(
        'Path of a .js, .mjs, .cjs, .ts or .py file, or of an executable; relative to nagare.yaml',
        text(),
      ),
    ),
    role: optional(
      described(
        'Name or ARN of the role whose policies limit the function with `--auth required`; without one nothing limits it',
        text(),
      ),
    ),
    environment: withDefault(described('Environment variables by name', namesTo(variable)), {}),
    permissions,
    layers: withDefault(
      described('Published versions of layers: `name:version`, or their ARNs', listOf(text())),
      [],
    ),
    tags: withDefault(described('Tags by key', namesTo(variable)), {}),
    aliases: withDefault(
      described(
        'Other names of the function, for mappings and callers, with a description each, or a map with permissions of the alias, too',
        namesTo(alias),
      ),
      {},
    ),
    eventInvokeConfig: optional(described('Settings of asynchronous invocation', eventInvokeConfig)),
    eventSources: withDefault(described('Streams that invoke the function', listOf(eventSource)), []),
  },
});

export const functionsSection = section('functions', declaredFunction);

export type DeclaredFunction = ValueOf<typeof declaredFunction>;
export type DeclaredPermission = ValueOf<typeof permission>;
export type DeclaredEventSource = ValueOf<typeof eventSource>;
