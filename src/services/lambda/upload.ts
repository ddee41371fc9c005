import { lambdaLimits } from './limits.ts';
import { CodeTooLargeError, InvalidZipError } from './code/code-store.ts';
import {
  codeMissing,
  emptyZip,
  invalidZip,
  unsupportedOption,
  unzippedTooLarge,
  zipTooLarge,
} from './errors.ts';

/** Where a caller says a function's code is. */
export interface CodeLocation {
  readonly ZipFile?: Uint8Array;
  readonly S3Bucket?: string;
  readonly S3Key?: string;
  readonly S3ObjectVersion?: string;
  readonly S3ObjectStorageMode?: string;
  readonly ImageUri?: string;
  readonly SourceKMSKeyArn?: string;
}

const unsupported = [
  'S3Bucket',
  'S3Key',
  'S3ObjectVersion',
  'S3ObjectStorageMode',
  'ImageUri',
  'SourceKMSKeyArn',
] as const;

/** Returns the zip. Throws InvalidParameterValueException for other code locations, RequestEntityTooLargeException. */
export function zipOf(code: CodeLocation, operation: string): Uint8Array {
  for (const option of unsupported) if (code[option] !== undefined) throw unsupportedOption(option);
  const { ZipFile: zip } = code;
  if (zip === undefined) throw codeMissing();
  if (zip.byteLength === 0) throw emptyZip();
  if (zip.byteLength > lambdaLimits.codeZipBytesMax)
    throw zipTooLarge(lambdaLimits.codeZipBytesMax, operation);
  return zip;
}

/** Converts errors in a zip to Lambda's errors; returns other errors unchanged. */
export function inLambdasWords(error: unknown): unknown {
  if (error instanceof InvalidZipError) return invalidZip();
  if (error instanceof CodeTooLargeError) return unzippedTooLarge(lambdaLimits.codeUnzippedBytesMax);
  return error;
}
