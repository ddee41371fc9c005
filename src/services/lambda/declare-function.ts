import { resolve } from 'node:path';
import type { DeclaredFunction } from '../../config/declarations.ts';
import type { FunctionDeclaration } from './functions.ts';

/** A function of `nagare.yaml`, with its path made absolute. */
export function functionDeclaration(
  name: string,
  { path, handler, environment, description, ...options }: DeclaredFunction,
  baseDir: string,
): FunctionDeclaration {
  const { timeout, memorySize, reservedConcurrentExecutions } = options;
  return {
    name,
    path: resolve(baseDir, path),
    handler,
    environment,
    ...(description === undefined ? {} : { description }),
    ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
    ...(memorySize === undefined ? {} : { memoryMegabytes: memorySize }),
    ...(reservedConcurrentExecutions === undefined ? {} : { concurrency: reservedConcurrentExecutions }),
  };
}
