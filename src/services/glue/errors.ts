import { ServiceError } from '../../errors.ts';

/** Glue's errors, by the codes that clients see. */

function notFound(message: string): ServiceError {
  return new ServiceError('EntityNotFoundException', message);
}

export const catalogNotFound = (catalogId: string): ServiceError =>
  notFound(`Catalog ${catalogId} not found. nagare has one catalog, with the id of its account.`);

export const databaseNotFound = (name: string): ServiceError => notFound(`Database ${name} not found.`);

export const tableNotFound = (name: string): ServiceError => notFound(`Table ${name} not found.`);

export const versionNotFound = (): ServiceError => notFound('Version not found.');

export const databaseExists = (): ServiceError =>
  new ServiceError('AlreadyExistsException', 'Database already exists.');

export const tableExists = (): ServiceError =>
  new ServiceError('AlreadyExistsException', 'Table already exists.');

export const invalidInput = (message: string): ServiceError =>
  new ServiceError('InvalidInputException', message);

/** An unsupported option, refused by name. */
export const unsupportedOption = (option: string): ServiceError =>
  invalidInput(`nagare does not support ${option}`);

export const concurrentUpdate = (): ServiceError =>
  new ServiceError('ConcurrentModificationException', 'Update table failed due to concurrent modifications.');

export const tooMany = (what: string, max: number): ServiceError =>
  new ServiceError('ResourceNumberLimitExceededException', `There can be at most ${max} ${what}.`);

export const tooLarge = (): ServiceError =>
  new ServiceError(
    'ResourceNumberLimitExceededException',
    'The definitions of all databases and tables are too large together.',
  );
