/** The body does not conform to the protocol: it is malformed, or a value is not of the model's type. */
export class SerializationError extends Error {
  override readonly name = 'SerializationError';
  /** True if the body could not be parsed at all; AWS then sends no message. */
  readonly malformed: boolean;

  constructor(message: string, malformed = false) {
    super(message);
    this.malformed = malformed;
  }
}
