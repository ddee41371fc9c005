import { randomId, type TraceContext } from '../../support/trace-context.ts';

export interface SamplerOptions {
  /** The decision of the caller, if there is one, counts. */
  readonly isParentBased: boolean;
  /** The part of the traces that is recorded, from 0 to 1. */
  readonly ratio: number;
}

/**
 * Decides which traces are recorded, by the last 56 bits of their ids (the first 52 of them: a number has no more), so that
 * all programs with the same ratio decide the same (W3C Trace Context Level 2, random trace ids).
 */
export class Sampler {
  readonly #isParentBased: boolean;
  readonly #threshold: number;

  constructor({ isParentBased, ratio }: SamplerOptions) {
    this.#isParentBased = isParentBased;
    this.#threshold = (1 - ratio) * 2 ** 52;
  }

  /** The id of the trace; undefined if the request is not recorded. */
  sample(parent: TraceContext | undefined): string | undefined {
    if (this.#isParentBased && parent?.isSampled !== undefined) {
      return parent.isSampled ? parent.traceId : undefined;
    }
    const traceId = parent?.traceId ?? randomId(16);
    return Number.parseInt(traceId.slice(18, 31), 16) >= this.#threshold ? traceId : undefined;
  }
}
