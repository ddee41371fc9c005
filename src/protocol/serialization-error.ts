/** The body is not what the protocol says: malformed, or a value of another type than the model's. */
export class SerializationError extends Error {
  override readonly name = 'SerializationError';
  /** True when the body could not be read at all; then AWS gives no message. */
  readonly malformed: boolean;

  constructor(message: string, malformed = false) {
    super(message);
    this.malformed = malformed;
  }
}
