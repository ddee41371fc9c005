import type { CreateEventSourceMappingRequest, CreateFunctionRequest } from '@aws-sdk/client-lambda';
import { section } from '../../../config/declarations.ts';
import {
  described,
  listOf,
  namesTo,
  optional,
  required,
  text,
  variable,
  withDefault,
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
    'ParallelizationFactor',
    'StartingPosition',
    'StartingPositionTimestamp',
  ],
  defaults: { StartingPosition: 'TRIM_HORIZON', Enabled: true },
  own: {
    stream: required(described('Name or ARN', text())),
    filters: optional(
      described('Filter patterns in JSON; a record is delivered if it matches one of them', listOf(text())),
    ),
    onFailure: optional(described('ARN of the topic or bucket that receives discarded records', text())),
  },
});

const declaredFunction = new ModelInput<FunctionInput>(model, 'DeclaredFunction').reader({
  members: ['Description', 'Handler', 'MemorySize', 'ReservedConcurrentExecutions', 'Timeout'],
  defaults: { Handler: 'handler' },
  own: {
    path: required(
      described(
        'Path of a .js, .mjs, .cjs, .ts or .py file, or of an executable; relative to nagare.yaml',
        text(),
      ),
    ),
    environment: withDefault(described('Environment variables by name', namesTo(variable)), {}),
    eventSources: withDefault(described('Streams that invoke the function', listOf(eventSource)), []),
  },
});

export const functionsSection = section('functions', declaredFunction);

export type DeclaredFunction = ValueOf<typeof declaredFunction>;
export type DeclaredEventSource = ValueOf<typeof eventSource>;
