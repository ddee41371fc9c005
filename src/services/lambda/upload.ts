import { ServiceError } from '../../errors.ts';
import { KeyedLock } from '../../support/keyed-lock.ts';
import { PreconditionFailedError, type ObjectStore } from '../s3/object-store.ts';
import { CodeTooLargeError, InvalidZipError } from './code/code-store.ts';
import {
  codeMissing,
  emptyZip,
  invalidZip,
  objectNotRead,
  twoCodeSources,
  unsupportedOption,
  unzippedTooLarge,
  zipTooLarge,
} from './errors.ts';
import { lambdaLimits } from './limits.ts';

/** Where a caller says a zip is. */
export interface CodeLocation {
  readonly ZipFile?: Uint8Array;
  readonly S3Bucket?: string;
  readonly S3Key?: string;
  readonly S3ObjectVersion?: string;
  readonly S3ObjectStorageMode?: string;
  readonly ImageUri?: string;
  readonly SourceKMSKeyArn?: string;
}

const unsupported = ['S3ObjectVersion', 'S3ObjectStorageMode', 'ImageUri', 'SourceKMSKeyArn'] as const;

/** The zips of functions and layers, from requests and from objects of the server's own buckets. */
export class Uploads {
  readonly #store: ObjectStore;
  /** One object at a time: each may have 250 MB. */
  readonly #reads = new KeyedLock();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /**
   * Calls `use` with the zip. Throws InvalidParameterValueException for other locations, for what is no zip or too
   * large, and for objects that do not exist; RequestEntityTooLargeException; what `use` throws.
   */
  async use<Result>(code: CodeLocation, use: (zip: Uint8Array) => Promise<Result>): Promise<Result> {
    for (const option of unsupported) if (code[option] !== undefined) throw unsupportedOption(option);
    const { ZipFile: zip, S3Bucket: bucket, S3Key: key } = code;
    try {
      if (zip !== undefined) {
        if (bucket !== undefined || key !== undefined) throw twoCodeSources();
        return await use(checked(zip));
      }
      if (bucket === undefined || key === undefined) throw codeMissing();
      return await this.#reads.exclusive('object', async () => await use(await this.#read(bucket, key)));
    } catch (error) {
      throw inLambdasWords(error);
    }
  }

  async #read(bucket: string, key: string): Promise<Uint8Array> {
    try {
      const found = await this.#store.head(bucket, key);
      if (found === undefined) throw objectNotRead('NoSuchKey', 'The specified key does not exist.');
      const most = lambdaLimits.codeUnzippedBytesMax;
      if (found.sizeBytes > most) throw unzippedTooLarge(most);
      if (found.sizeBytes === 0) throw emptyZip();
      return (await this.#store.get(bucket, key, { ifMatch: found.etag })).body;
    } catch (error) {
      if (error instanceof PreconditionFailedError) {
        throw objectNotRead('PreconditionFailed', 'The object was replaced while it was read.');
      }
      if (
        error instanceof ServiceError &&
        ['NoSuchBucket', 'NoSuchKey', 'InvalidBucketName'].includes(error.code)
      ) {
        throw objectNotRead(error.code, error.message);
      }
      throw error;
    }
  }
}

function checked(zip: Uint8Array): Uint8Array {
  if (zip.byteLength === 0) throw emptyZip();
  if (zip.byteLength > lambdaLimits.codeZipBytesMax) throw zipTooLarge(lambdaLimits.codeZipBytesMax);
  return zip;
}

/** Converts errors in a zip to Lambda's errors; returns other errors unchanged. */
function inLambdasWords(error: unknown): unknown {
  if (error instanceof InvalidZipError) return invalidZip();
  if (error instanceof CodeTooLargeError) return unzippedTooLarge(lambdaLimits.codeUnzippedBytesMax);
  return error;
}
