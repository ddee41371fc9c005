import { ServiceError } from '../../errors.ts';

export const invalidParameter = (message: string): ServiceError =>
  new ServiceError('InvalidParameterException', message);

export const invalidToken = (): ServiceError => invalidParameter('The PaginationToken is invalid.');

export const unsupportedOption = (option: string): ServiceError =>
  invalidParameter(`nagare does not support ${option} yet`);
