import type {
  CreateFunctionRequest,
  Environment,
  UpdateFunctionConfigurationRequest,
} from '@aws-sdk/client-lambda';
import type { Targets } from '../../aws/targets.ts';
import { isDeadLetterTarget } from './destinations.ts';
import { readZip, ZipError } from './code/zip.ts';
import { lambdaLimits } from './limits.ts';
import type { Checked } from '../../protocol/service.ts';
import api from './api.json' with { type: 'json' };
import {
  deadLetterTargetInvalid,
  endedRuntime,
  otherArchitecture,
  environmentTooLarge,
  reservedVariables,
  runtimeClientMissing,
  runtimeMissing,
  timeoutTooLong,
  unknownRuntime,
  unsupportedOption,
} from './errors.ts';
import { findProgram } from './runtime/families/family.ts';
import { familyOf } from './runtime/families/index.ts';
import { clientFolderOf } from './runtime/runtime-folder.ts';

type Options = Checked<Partial<CreateFunctionRequest & UpdateFunctionConfigurationRequest>>;

/**
 * Refuses options that are not supported yet. Many clients send them with a value that means "none": that is accepted.
 * Throws InvalidParameterValueException, which names the option.
 */
export function refuseUnsupported(options: Options): void {
  const given: Readonly<Record<string, boolean>> = {
    'PackageType Image': options.PackageType === 'Image',
    ImageConfig: !isEmpty(options.ImageConfig),
    PublishTo: options.PublishTo !== undefined,
    VpcConfig: !isEmpty(options.VpcConfig?.SubnetIds) || !isEmpty(options.VpcConfig?.SecurityGroupIds),
    KMSKeyArn: !isEmpty(options.KMSKeyArn),
    'TracingConfig Active': options.TracingConfig?.Mode === 'Active',
    FileSystemConfigs: !isEmpty(options.FileSystemConfigs),
    CodeSigningConfigArn: !isEmpty(options.CodeSigningConfigArn),
    'an EphemeralStorage other than 512': (options.EphemeralStorage?.Size ?? 512) !== 512,
    'SnapStart PublishedVersions': options.SnapStart?.ApplyOn === 'PublishedVersions',
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
  const family = familyOf(runtime);
  if (family === undefined) throw unknownRuntime(runtime, api.shapes.Runtime.enum);
  if (family.ended.includes(runtime)) throw endedRuntime(runtime, family.runtimes.at(-1) ?? '');
  const { program } = family;
  if (program !== undefined && findProgram(program) === undefined) throw runtimeMissing(runtime, program);
}

export interface ClientCheck {
  readonly runtime: string;
  readonly handler: string;
  readonly hasLayers: boolean;
  readonly runtimeFolder: string | undefined;
}

/**
 * Throws InvalidParameterValueException for code without what runs it, which nagare does not bring. Code that is no zip
 * is refused elsewhere.
 */
export function checkClient(
  zip: Uint8Array,
  { runtime, handler, hasLayers, runtimeFolder }: ClientCheck,
): void {
  const lacks = familyOf(runtime)?.lacks;
  // A layer may bring it; a process that finds nothing says so.
  if (lacks === undefined || hasLayers) return;
  let names: string[];
  try {
    names = readZip(Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength)).map(({ name }) => name);
  } catch (error) {
    if (error instanceof ZipError) return;
    throw error;
  }
  const lack = lacks({ handler, names, clientFolder: clientFolderOf(runtimeFolder, runtime) });
  if (lack !== undefined) throw runtimeClientMissing(runtime, lack);
}

/**
 * The TargetArn of DeadLetterConfig; undefined without one. An empty one removes it. Throws
 * InvalidParameterValueException.
 */
export function deadLetterTargetOf(
  { DeadLetterConfig: config }: Options,
  targets: Targets,
  before?: string,
): { readonly deadLetterTarget?: string } {
  const arn = config === undefined ? before : config.TargetArn;
  if (arn === undefined || arn === '') return {};
  if (config !== undefined && !isDeadLetterTarget(targets, arn)) throw deadLetterTargetInvalid(arn);
  return { deadLetterTarget: arn };
}

/** Functions run on the machine itself: only code for its architecture can. Throws InvalidParameterValueException. */
export function checkedArchitecture(architectures: readonly string[] | undefined): string | undefined {
  const [wanted] = architectures ?? [];
  if (wanted !== undefined && wanted !== ownArchitecture())
    throw otherArchitecture(wanted, ownArchitecture());
  return wanted;
}

export function ownArchitecture(): string {
  return process.arch === 'arm64' ? 'arm64' : 'x86_64';
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
