import type { StreamRecord } from '../../../../src/consumers/source.ts';

/** Records with the texts as data, arriving a second after each other from `arrivalMs` on. */
export function records(texts: readonly string[], arrivalMs = 0): StreamRecord[] {
  return texts.map((text, index) => ({
    sequenceNumber: String(1_000_000 + index),
    partitionKey: text,
    explicitHashKey: undefined,
    data: Buffer.from(text),
    arrivalMs: arrivalMs + index * 1000,
  }));
}
