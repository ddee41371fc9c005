import { DeliveryConfigurationError } from '../configuration-error.ts';
import { databaseLimits } from './limits.ts';

/** Names of members and indices of elements, outermost first. */
export type JsonPath = readonly (string | number)[];

const STEP = /\.([\p{L}_][\p{L}\p{N}_-]*)|\[(\d{1,9})\]|\['((?:[^'\\]|\\['\\])*)'\]/uy;

/** `$`, then `.name`, `['any name']` or `[0]`. Throws DeliveryConfigurationError. */
export function parseJsonPath(text: string): JsonPath {
  const steps: (string | number)[] = [];
  let at = 1;
  while (at < text.length) {
    STEP.lastIndex = at;
    const [step, name, index, quotedName] = STEP.exec(text) ?? [];
    if (step === undefined) break;
    steps.push(index === undefined ? (name ?? (quotedName ?? '').replace(/\\(.)/gu, '$1')) : Number(index));
    at += step.length;
  }
  if (!text.startsWith('$') || at !== text.length || steps.length > databaseLimits.pathStepsMax) {
    throw new DeliveryConfigurationError(
      `${text} is not a path: write $, $.name, $.list[0] or $['any name'], of at most ${databaseLimits.pathStepsMax} steps`,
    );
  }
  return steps;
}

/** Undefined if there is no value. */
export function valueAt(document: unknown, path: JsonPath): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value) !== (typeof step === 'number') || !Object.hasOwn(value, step)) return undefined;
    // The value is an object or an array, and the step one of its own members.
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return value;
}
