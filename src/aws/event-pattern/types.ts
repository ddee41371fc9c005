export type Scalar = string | number | boolean | null;

export type JsonObject = Readonly<Record<string, unknown>>;

/** A pattern breaks a rule of the language. The message is event-ruler's and names the rule. */
export class EventPatternError extends Error {
  override readonly name = 'EventPatternError';
}

export function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
