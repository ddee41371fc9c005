import type { CreateEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import { compileValidator } from '../../../protocol/validation.ts';
import type { Checked } from '../../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };
import { invalidDeclaration } from './errors.ts';

/** CreateEventSourceMapping's options as `nagare.yaml` has them. */
export interface MappingDeclaration {
  /** Name or ARN. */
  readonly stream: string;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  readonly enabled: boolean;
  readonly batchSize?: number;
  readonly maximumBatchingWindowInSeconds?: number;
  readonly parallelizationFactor?: number;
  readonly maximumRetryAttempts?: number;
  readonly maximumRecordAgeInSeconds?: number;
  readonly bisectBatchOnFunctionError?: boolean;
  readonly functionResponseTypes?: readonly 'ReportBatchItemFailures'[];
  readonly filters?: readonly string[];
  readonly onFailure?: string;
}

type Input = Checked<CreateEventSourceMappingRequest>;

const violations = compileValidator(api, 'CreateEventSourceMappingRequest');

/** The request that says the same. */
export function declaredMapping(functionName: string, declared: MappingDeclaration): Input {
  const { filters, onFailure, functionResponseTypes } = declared;
  return {
    FunctionName: functionName,
    EventSourceArn: declared.stream,
    StartingPosition: declared.startingPosition,
    Enabled: declared.enabled,
    ...given('BatchSize', declared.batchSize),
    ...given('MaximumBatchingWindowInSeconds', declared.maximumBatchingWindowInSeconds),
    ...given('ParallelizationFactor', declared.parallelizationFactor),
    ...given('MaximumRetryAttempts', declared.maximumRetryAttempts),
    ...given('MaximumRecordAgeInSeconds', declared.maximumRecordAgeInSeconds),
    ...given('BisectBatchOnFunctionError', declared.bisectBatchOnFunctionError),
    ...given('FunctionResponseTypes', functionResponseTypes && [...functionResponseTypes]),
    ...given('FilterCriteria', filters && { Filters: filters.map((pattern) => ({ Pattern: pattern })) }),
    ...given('DestinationConfig', onFailure && { OnFailure: { Destination: onFailure } }),
  };
}

function given<Name extends keyof Input, Value extends Input[Name]>(
  name: Name,
  value: Value | '' | undefined,
): { readonly [Key in Name]?: Value } {
  // The one member, which a computed key hides from the compiler.
  return value === undefined || value === '' ? {} : ({ [name]: value } as { [Key in Name]: Value });
}

/** What the API's edge checks of a request, for a mapping that did not come through it. Throws InvalidParameterValueException. */
export function checkDeclared(input: object): void {
  const message = violations(input);
  if (message !== undefined) throw invalidDeclaration(message);
}
