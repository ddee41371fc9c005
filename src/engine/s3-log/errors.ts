import { UserError } from '../../errors.ts';

/** The store, the bucket or the keys are not what nagare needs; the operator can change that. */
export class S3SetupError extends UserError {
  override readonly name = 'S3SetupError';
}

/** An object of the log is not what nagare wrote there. It is never skipped. */
export class SlotError extends UserError {
  override readonly name = 'SlotError';
  readonly key: string;

  constructor(key: string, what: string) {
    super(`the object ${key} of the shared log cannot be read: ${what}`);
    this.key = key;
  }
}
