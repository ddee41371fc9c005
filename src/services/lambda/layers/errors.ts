import { ServiceError } from '../../../errors.ts';
import { invalidParameter, userError } from '../errors.ts';

/** Errors of layers, with AWS's messages where AWS has one. */

export const layerNotFound = (): ServiceError =>
  userError('ResourceNotFoundException', 'The resource you requested does not exist.', 404);

export const layerVersionTooLow = (): ServiceError => invalidParameter('Layer Version Cannot be less than 1');

export const layerDoesNotExist = (arn: string): ServiceError =>
  invalidParameter(`Layer version ${arn} does not exist.`);

export const tooManyLayers = (most: number): ServiceError =>
  invalidParameter(`Cannot reference more than ${most} layers.`);

export const sameLayerTwice = (one: string, other: string): ServiceError =>
  invalidParameter(
    'Two different versions of the same layer are not allowed to be referenced in the same function. ' +
      `${one} and ${other} are versions of the same layer.`,
  );

export const layerOfOtherRegion = (region: string): ServiceError =>
  invalidParameter(
    `Layers are not in the same region as the function. Layers are expected to be in region ${region}.`,
  );

export const layerOfOtherAccount = (arn: string): ServiceError =>
  new ServiceError(
    'AccessDeniedException',
    `Not authorized to perform: lambda:GetLayerVersion on resource: ${arn} because no resource-based policy allows ` +
      'the lambda:GetLayerVersion action: layers of other accounts are not here; publish their zip',
    403,
  );

export const layersTooLarge = (bytes: number, most: number): ServiceError =>
  invalidParameter(
    `Function code combined with layers exceeds the maximum allowed size of ${most} bytes. ` +
      `The actual size is ${bytes} bytes.`,
  );

export const extensionsUnsupported = (): ServiceError =>
  invalidParameter('nagare does not support extensions yet: the layer has a folder extensions/');

export const tooManyLayerVersions = (most: number): ServiceError =>
  userError('CodeStorageExceededException', `nagare keeps at most ${most} versions of layers`);
