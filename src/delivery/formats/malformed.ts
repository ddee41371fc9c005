import { formatLimits } from './limits.ts';

/** A record that cannot be converted. Codes and messages are as recorded on AWS where they are known. */
export class ConversionError extends Error {
  override readonly name = 'ConversionError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The record is not JSON. */
export function parseError(reason: string): ConversionError {
  return new ConversionError('DataFormatConversion.ParseError', `Encountered malformed JSON. ${reason}`);
}

export function malformedData(message: string): ConversionError {
  return new ConversionError('DataFormatConversion.MalformedData', message);
}

/** The record does not fit the table. */
export function mismatch(reason: string): ConversionError {
  return malformedData(`Data does not match the schema. ${reason}`);
}

/** Java's message for a text that is not a number or not a time. A long text is cut: the error object has the record. */
export function invalidText(text: string): ConversionError {
  const { quotedCharactersMax: max } = formatLimits;
  return mismatch(`For input string: "${text.length > max ? `${text.slice(0, max)}...` : text}"`);
}
