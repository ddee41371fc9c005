import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Architecture, FunctionConfiguration, Runtime } from '@aws-sdk/client-lambda';
import type { FunctionDefinition } from './function-definition.ts';
import { loggingConfigOf } from './function-logging.ts';
import { runtimeVersionArn } from './runtime/runtime-version.ts';

/** A function as Lambda describes it; its revision may be that of its policy. In nagare a function is active as soon as it exists. */
export async function configurationOf(
  definition: FunctionDefinition,
  functionArn: string,
  revisionId = definition.revisionId,
): Promise<FunctionConfiguration> {
  const code = await codeOf(definition);
  const { environment, hasEnvironment = Object.keys(environment).length > 0, layers = [] } = definition;
  return {
    FunctionName: definition.name,
    FunctionArn: functionArn,
    // Either CreateFunction has checked it, or nagare itself set it.
    Runtime: definition.runtime as Runtime,
    Role: definition.role,
    Handler: definition.handler,
    CodeSize: code.sizeBytes,
    Description: definition.description,
    Timeout: definition.timeoutSeconds,
    MemorySize: definition.memoryMegabytes,
    LastModified: new Date(definition.lastModifiedMs).toISOString().replace('Z', '+0000'),
    CodeSha256: code.sha256,
    Version: definition.version,
    ...(hasEnvironment ? { Environment: { Variables: { ...environment } } } : {}),
    ...(definition.deadLetterTarget === undefined
      ? {}
      : { DeadLetterConfig: { TargetArn: definition.deadLetterTarget } }),
    ...(layers.length === 0
      ? {}
      : { Layers: layers.map(({ arn, sizeBytes }) => ({ Arn: arn, CodeSize: sizeBytes })) }),
    TracingConfig: { Mode: 'PassThrough' },
    RevisionId: revisionId,
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: [definition.architecture as Architecture],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    RuntimeVersionConfig: { RuntimeVersionArn: runtimeVersionArn(definition, functionArn) },
    LoggingConfig: loggingConfigOf(definition),
  };
}

/** As ListFunctions and ListVersionsByFunction describe it: without its state and the version of its runtime. */
export async function listedConfigurationOf(
  ...described: Parameters<typeof configurationOf>
): Promise<FunctionConfiguration> {
  const {
    State: _,
    LastUpdateStatus: __,
    RuntimeVersionConfig: ___,
    ...listed
  } = await configurationOf(...described);
  return listed;
}

/** For a declared function this is the current content of its file. */
async function codeOf({ source }: FunctionDefinition): Promise<{ sha256: string; sizeBytes: number }> {
  if (source.kind === 'zip') return source;
  try {
    const content = await readFile(source.path);
    return { sha256: createHash('sha256').update(content).digest('base64'), sizeBytes: content.length };
  } catch {
    // The file is missing: the function fails with a clear error when invoked, but it can still be described.
    return { sha256: '', sizeBytes: 0 };
  }
}
