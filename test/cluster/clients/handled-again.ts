import assert from 'node:assert/strict';

/**
 * What a reader has handled that goes back at times: all of the stream in its order, without a gap, and now and then
 * again from a place a little before. Returns how often it went back, at least; throws if that does not explain it.
 */
export function timesHandledAgain(
  handled: readonly string[],
  stream: readonly string[],
  longest: number,
): number {
  /** By the place of the next record: how often it has gone back to get there. */
  let places = new Map([[0, 0]]);
  for (const [at, one] of handled.entries()) {
    const next = new Map<number, number>();
    const reach = (place: number, times: number): void => {
      if (stream[place] !== one) return;
      next.set(place + 1, Math.min(times, next.get(place + 1) ?? Infinity));
    };
    for (const [place, times] of places) {
      reach(place, times);
      for (let back = Math.max(0, place - longest); back < place; back++) reach(back, times + 1);
    }
    assert(
      next.size > 0,
      `${one}, which is number ${at}, is not what comes next, or came at most ${longest} before`,
    );
    places = next;
  }
  const times = places.get(stream.length);
  assert(times !== undefined, 'the end of the stream was not handled');
  return times;
}
