import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import type { DeliveryStream } from '../delivery-stream.ts';
import { firehoseLimits } from '../limits.ts';

const HOUR_MS = 3_600_000;

export interface PutRetentionOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly streams: () => Iterable<DeliveryStream>;
}

/**
 * Drops direct puts that are older than their delivery stream's retentionHours. One timer covers all delivery streams.
 * It runs only if one of them has a retentionHours.
 */
export class PutRetention {
  readonly #options: PutRetentionOptions;
  #cancel: (() => void) | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: PutRetentionOptions) {
    this.#options = options;
  }

  /** Starts the timer if a delivery stream has a retentionHours. */
  watch(): void {
    const { clock, streams, log } = this.#options;
    if (this.#closed || this.#cancel !== undefined) return;
    if (![...streams()].some((stream) => retentionOf(stream) !== undefined)) return;
    this.#cancel = clock.schedule(firehoseLimits.retentionCheckMs, () => {
      this.#cancel = undefined;
      this.#sweeping = this.#sweep()
        .catch((error: unknown) =>
          log.error({ err: error }, 'could not drop expired records of delivery streams'),
        )
        .finally(() => this.watch());
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    const { clock, streams, log } = this.#options;
    for (const stream of streams()) {
      const hours = retentionOf(stream);
      if (hours === undefined || stream.log === undefined) continue;
      const before = await stream.log.locate(clock.now() - hours * HOUR_MS);
      const dropped = before - stream.log.bounds.firstIndex;
      if (dropped <= 0) continue;
      await stream.log.trim(before);
      log.warn(
        { deliveryStream: stream.name, records: dropped },
        `records were dropped: they could not be delivered within ${hours} hours (retentionHours)`,
      );
    }
  }
}

function retentionOf({ row }: DeliveryStream): number | undefined {
  return row.source.type === 'DirectPut' ? row.source.retentionHours : undefined;
}
