import assert from 'node:assert/strict';

const NUMBER_DIGITS = 16;
const TIME_DIGITS = 16;
/** Terminates a lane's name in keys; names must not contain it. */
const END = '\0';
/** The character after it. */
const AFTER_END = '\x01';

/** Prefix of messages without a due time, ordered by number. */
export function readyPrefix(lane: string): string {
  return `${lane}${END}r`;
}

export function readyKey(lane: string, number: number): string {
  return `${readyPrefix(lane)}${padded(number, NUMBER_DIGITS)}`;
}

/** Prefix of delayed messages, ordered by due time. */
export function delayedPrefix(lane: string): string {
  return `${lane}${END}d`;
}

export function delayedKey(lane: string, dueMs: number, number: number): string {
  return `${delayedPrefix(lane)}${padded(dueMs, TIME_DIGITS)}${padded(number, NUMBER_DIGITS)}`;
}

/** Sorts before all keys of the lanes that follow this one. */
export function afterLane(lane: string): string {
  return `${lane}${AFTER_END}`;
}

export function laneOf(key: string): string {
  return key.slice(0, key.indexOf(END));
}

export function numberOf(key: string): number {
  return Number(key.slice(-NUMBER_DIGITS));
}

export function checkLane(lane: string): void {
  assert(!lane.includes(END), 'a lane has a null character in its name');
}

function padded(value: number, digits: number): string {
  assert(Number.isSafeInteger(value) && value >= 0, 'the number in a key is invalid');
  return value.toString().padStart(digits, '0');
}
