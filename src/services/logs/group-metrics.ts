import type { MetricRegistry, MetricSamples } from '../../metrics.ts';
import type { LogEvent } from './log-events.ts';

interface Counters {
  readonly events: MetricSamples;
  readonly bytes: MetricSamples;
}

/** IncomingLogEvents and IncomingBytes of a group, from its first event until it is deleted. */
export class GroupMetrics {
  readonly #registry: MetricRegistry;
  readonly #name: string;
  #counters: Counters | undefined;

  constructor(registry: MetricRegistry, groupName: string) {
    this.#registry = registry;
    this.#name = groupName;
  }

  count(events: readonly LogEvent[]): void {
    const dimensions = { LogGroupName: this.#name };
    this.#counters ??= {
      events: this.#registry.metric('AWS/Logs', 'IncomingLogEvents', 'None', dimensions),
      bytes: this.#registry.metric('AWS/Logs', 'IncomingBytes', 'Bytes', dimensions),
    };
    this.#counters.events.add(events.length);
    this.#counters.bytes.add(events.reduce((sum, { message }) => sum + Buffer.byteLength(message), 0));
  }

  release(): void {
    if (this.#counters === undefined) return;
    this.#registry.release(this.#counters.events);
    this.#registry.release(this.#counters.bytes);
    this.#counters = undefined;
  }
}
