import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Architecture, FunctionConfiguration, Runtime } from '@aws-sdk/client-lambda';
import type { FunctionDefinition } from './function-definition.ts';
import { logGroupOf } from '../logs/log-store.ts';

/** A function as Lambda describes it. In nagare a function is active as soon as it exists. */
export async function configurationOf(
  definition: FunctionDefinition,
  functionArn: string,
): Promise<FunctionConfiguration> {
  const code = await codeOf(definition);
  const { environment, hasEnvironment = Object.keys(environment).length > 0 } = definition;
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
    Version: '$LATEST',
    ...(hasEnvironment ? { Environment: { Variables: { ...environment } } } : {}),
    TracingConfig: { Mode: 'PassThrough' },
    RevisionId: definition.revisionId,
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: [definition.architecture as Architecture],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: { LogFormat: 'Text', LogGroup: logGroupOf(definition.name) },
  };
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
