import type {
  CreateFunctionRequest,
  Environment,
  UpdateFunctionConfigurationRequest,
} from '@aws-sdk/client-lambda';
import { lambdaLimits } from './limits.ts';
import type { Checked } from '../../protocol/service.ts';
import api from './api.json' with { type: 'json' };
import {
  endedRuntime,
  environmentTooLarge,
  reservedVariables,
  runtimeMissing,
  timeoutTooLong,
  unknownRuntime,
  unsupportedOption,
  unsupportedRuntime,
} from './errors.ts';
import { familyOf } from './runtime/families/index.ts';

type Options = Checked<Partial<CreateFunctionRequest & UpdateFunctionConfigurationRequest>>;

/**
 * Refuses options that are not supported yet. Many clients send them with a value that means "none": that is accepted.
 * Throws InvalidParameterValueException, which names the option.
 */
export function refuseUnsupported(options: Options): void {
  const given: Readonly<Record<string, boolean>> = {
    'PackageType Image': options.PackageType === 'Image',
    ImageConfig: !isEmpty(options.ImageConfig),
    Publish: options.Publish === true,
    PublishTo: options.PublishTo !== undefined,
    VpcConfig: !isEmpty(options.VpcConfig?.SubnetIds) || !isEmpty(options.VpcConfig?.SecurityGroupIds),
    DeadLetterConfig: !isEmpty(options.DeadLetterConfig?.TargetArn),
    KMSKeyArn: !isEmpty(options.KMSKeyArn),
    'TracingConfig Active': options.TracingConfig?.Mode === 'Active',
    Layers: !isEmpty(options.Layers),
    FileSystemConfigs: !isEmpty(options.FileSystemConfigs),
    CodeSigningConfigArn: !isEmpty(options.CodeSigningConfigArn),
    'an EphemeralStorage other than 512': (options.EphemeralStorage?.Size ?? 512) !== 512,
    'SnapStart PublishedVersions': options.SnapStart?.ApplyOn === 'PublishedVersions',
    'LoggingConfig in JSON': options.LoggingConfig?.LogFormat === 'JSON',
    'LoggingConfig with a log group': !isEmpty(options.LoggingConfig?.LogGroup),
    CapacityProviderConfig: options.CapacityProviderConfig !== undefined,
    DurableConfig: options.DurableConfig !== undefined,
    TenancyConfig: options.TenancyConfig !== undefined,
  };
  for (const [name, present] of Object.entries(given)) {
    if (present) throw unsupportedOption(name);
  }
}

function isEmpty(value: string | readonly unknown[] | object | undefined): boolean {
  if (value === undefined || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/**
 * Throws InvalidParameterValueException for runtimes that Lambda does not know or no longer supports, and for those
 * that cannot run on this machine.
 */
export function checkRuntime(runtime: string): void {
  if (!api.shapes.Runtime.enum.includes(runtime)) throw unknownRuntime(runtime, api.shapes.Runtime.enum);
  const family = familyOf(runtime);
  if (family === undefined) throw unsupportedRuntime(runtime);
  if (family.ended.includes(runtime)) throw endedRuntime(runtime, family.runtimes.at(-1) ?? '');
  const missing = family.missing();
  if (missing !== undefined) throw runtimeMissing(runtime, missing);
}

/** Throws ValidationException. */
export function checkTimeout(seconds: number): void {
  const most = lambdaLimits.functionTimeoutSecondsMax;
  if (seconds > most) throw timeoutTooLong(seconds, most);
}

/** Names that Lambda reserves. */
const RESERVED = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
]);

/** Throws InvalidParameterValueException for reserved names and for more than 4 KB. */
export function environmentOf(environment: Checked<Environment> | undefined): Record<string, string> {
  const variables = environment?.Variables ?? {};
  const reserved = Object.keys(variables).filter((name) => RESERVED.has(name));
  if (reserved.length > 0) throw reservedVariables(reserved);
  if (environmentBytes(variables) > lambdaLimits.functionEnvironmentBytesMax) {
    throw environmentTooLarge(JSON.stringify(variables));
  }
  return variables;
}

/** Size of the environment as Lambda measures it. */
export function environmentBytes(variables: Readonly<Record<string, string>>): number {
  return Buffer.byteLength(JSON.stringify(variables));
}
