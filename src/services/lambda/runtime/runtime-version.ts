import { createHash } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { formatArn, parseArn } from '../../../aws/arn.ts';
import type { FunctionDefinition } from '../function-definition.ts';
import { findProgram, type RuntimeFamily } from './families/family.ts';

/**
 * Names what a function runs on: another interpreter on the machine gets another ARN, as another version of a runtime
 * does on AWS. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html
 */
export function runtimeVersionArn(
  { runtime, family }: Pick<FunctionDefinition, 'runtime' | 'family'>,
  functionArn: string,
): string {
  const region = parseArn(functionArn)?.region ?? '';
  const version = createHash('sha256').update(JSON.stringify([runtime, ...interpreterOf(family)]));
  return formatArn('lambda', { region, accountId: '' }, `runtime:${version.digest('hex')}`);
}

/** What differs between two versions; an interpreter on the PATH is not asked, because that takes a process. */
function interpreterOf({ name, program }: RuntimeFamily): readonly (string | number)[] {
  if (program === undefined) return [name === 'nodejs' ? process.version : release()];
  const path = findProgram(program);
  if (path === undefined) return [];
  try {
    const { size, mtimeMs } = statSync(path);
    return [realpathSync(path), size, mtimeMs];
  } catch {
    return []; // removed since it was found
  }
}
