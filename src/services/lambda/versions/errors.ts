import type { ServiceError } from '../../../errors.ts';
import { invalidParameter, userError } from '../errors.ts';

/** Errors of versions and aliases, with AWS's messages where AWS has one. */

export const aliasNotFound = (arn: string): ServiceError =>
  userError('ResourceNotFoundException', `Cannot find alias arn: ${arn}`, 404);

export const aliasExists = (arn: string): ServiceError =>
  userError('ResourceConflictException', `Alias already exists: ${arn}`, 409);

export const tooManyAliases = (most: number): ServiceError =>
  userError('AliasLimitExceededException', `nagare keeps at most ${most} aliases`, 400);

export const tooManyVersions = (most: number): ServiceError =>
  userError('CodeStorageExceededException', `nagare keeps at most ${most} published versions`, 400);

export const tooManyWeights = (): ServiceError =>
  invalidParameter('Number of items in AdditionalVersionWeights cannot be greater than 1');

export const versionTwice = (version: string): ServiceError =>
  invalidParameter(
    `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
  );

export const latestHasOneVersion = (): ServiceError =>
  invalidParameter('$LATEST is not supported for an alias pointing to more than 1 version');

export const codeDiffers = (given: string, current: string): ServiceError =>
  invalidParameter(
    `CodeSHA256 (${given}) is different from current CodeSHA256 in $LATEST (${current}). ` +
      'Please try again with the CodeSHA256 in $LATEST.',
  );

export const latestCannotBeDeleted = (): ServiceError =>
  invalidParameter('$LATEST version cannot be deleted without deleting the function.');

export const aliasNotDeletedHere = (): ServiceError =>
  invalidParameter('Deletion of aliases is not currently supported.');

export const versionInUse = (aliases: readonly string[]): ServiceError =>
  userError(
    'ResourceConflictException',
    `Unable to delete version because the following aliases reference it: [${aliases.join(', ')}]`,
    409,
  );
