import type { RefusedRecord } from '../../../delivery/destination.ts';
import { ServiceError } from '../../../errors.ts';
import type { Clock } from '../../../support/clock.ts';
import { firehoseLimits } from '../limits.ts';
import { TransitionLog } from '../../../support/transition-log.ts';
import type { LogStore } from '../../logs/log-store.ts';

export interface ErrorLogOptions {
  readonly logs: Pick<LogStore, 'named'>;
  readonly clock: Clock;
  readonly groupName: string;
  readonly streamName: string;
  readonly deliveryStreamArn: string;
  /** The ARN of the bucket. */
  readonly destination: string;
  readonly version: number;
}

interface Entry {
  readonly message: string;
  readonly errorCode: string;
}

/**
 * The log stream that CloudWatchLoggingOptions names, in Firehose's form:
 * https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html. A lasting failure is logged
 * once, whatever the number of attempts, and so is each kind of refusal in a range.
 */
export class ErrorLog {
  readonly #options: ErrorLogOptions;
  readonly #reported = new TransitionLog();

  constructor(options: ErrorLogOptions) {
    this.#options = options;
  }

  failed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (!this.#reported.changed(message)) return;
    const errorCode = error instanceof ServiceError ? `S3.${error.code}` : 'InternalError';
    this.#write({ message, errorCode });
  }

  delivered(): void {
    this.#reported.cleared();
  }

  refused(records: readonly RefusedRecord[]): void {
    const kinds = new Map<string, Entry>();
    for (const { errorCode, errorMessage } of records) {
      kinds.set(`${errorCode} ${errorMessage}`, { errorCode, message: errorMessage });
      // Messages may quote records, so that each is different.
      if (kinds.size === firehoseLimits.refusalsLoggedMax) break;
    }
    for (const kind of kinds.values()) this.#write(kind);
  }

  #write({ message, errorCode }: Entry): void {
    const { logs, clock, groupName, streamName, deliveryStreamArn, destination, version } = this.#options;
    const entry = {
      deliveryStreamARN: deliveryStreamArn,
      destination,
      deliveryStreamVersionId: version,
      message,
      errorCode,
    };
    logs.named(groupName).append({
      stream: streamName,
      timestampMs: clock.now(),
      message: JSON.stringify(entry),
    });
  }
}
