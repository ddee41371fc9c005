import type { HttpRequest } from '../http/message.ts';
import { alarmsOf } from './alarms.ts';
import type { Caller } from './caller.ts';
import { deliveriesView } from './deliveries.ts';
import { functionsView } from './functions.ts';
import { consoleLimits } from './limits.ts';
import type { RateSampler, Rates } from './rates.ts';
import { checkpointsByStream, readersOf } from './readers.ts';
import type { Views } from './views.ts';

export type Severity = 'broken' | 'warning';

/** Something that is wrong, and the page of the console that shows it. */
export interface Problem {
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
  readonly link: string;
}

export interface Overview {
  readonly problems: readonly Problem[];
  readonly rates: Rates;
  readonly history: readonly number[];
  readonly counts: { readonly streams: number; readonly shards: number };
  readonly busiest: readonly {
    readonly name: string;
    readonly putRecords: number;
    readonly putBytes: number;
  }[];
  readonly slowest: { readonly stream: string; readonly caller: string; readonly ageMs: number } | undefined;
  readonly warnings: readonly string[];
}

const BUSIEST_MAX = 5;
/** A reader that is further behind is worth a look; above half of the retention, records will be lost. */
const SLOW_MS = 60_000;

export class Overviews {
  readonly #views: Views;
  readonly #rates: RateSampler;

  constructor(views: Views, rates: RateSampler) {
    this.#views = views;
    this.#rates = rates;
  }

  async view(caller: Caller, http: HttpRequest): Promise<Overview> {
    const mayList = await caller.may('kinesis:ListStreams', '*');
    const names = mayList ? [...this.#views.inspector.names()] : [];
    const { problems: ofReaders, slowest } = await this.#readers(names);
    const { problems: ofHealth, warnings } = await this.#health();
    const problems = [
      ...ofHealth,
      ...(await this.#alarms(caller, http)),
      ...(await this.#mappings(caller, http)),
      ...(await this.#deliveries(caller, http)),
      ...ofReaders,
      ...this.#throttles(),
    ];
    return {
      problems: problems
        .toSorted((left, right) => rank(left) - rank(right))
        .slice(0, consoleLimits.problemsMax),
      rates: this.#rates.all,
      history: this.#rates.historyOf(''),
      counts: { streams: names.length, shards: this.#shardCount(names) },
      busiest: this.#busiest(),
      slowest,
      warnings,
    };
  }

  #shardCount(names: readonly string[]): number {
    return names.reduce((sum, name) => sum + (this.#views.inspector.stream(name)?.openShards ?? 0), 0);
  }

  #busiest(): Overview['busiest'] {
    return [...this.#rates.busy]
      .map(([name, { putRecords, putBytes }]) => ({ name, putRecords, putBytes }))
      .toSorted((left, right) => right.putRecords - left.putRecords)
      .slice(0, BUSIEST_MAX);
  }

  async #health(): Promise<{ problems: Problem[]; warnings: readonly string[] }> {
    const { problems, warnings } = await this.#views.health();
    return {
      problems: problems.map(({ message }) => ({
        severity: 'broken',
        title: 'The server cannot store data',
        detail: message,
        link: '#/server',
      })),
      warnings,
    };
  }

  async #alarms(caller: Caller, http: HttpRequest): Promise<Problem[]> {
    const alarms = (await alarmsOf(this.#views, caller, http)) ?? [];
    return alarms
      .filter(({ state }) => state === 'ALARM')
      .map(({ name, reason }) => ({
        severity: 'broken',
        title: `Alarm ${name}`,
        detail: reason,
        link: `#/alarms?name=${encodeURIComponent(name)}`,
      }));
  }

  async #mappings(caller: Caller, http: HttpRequest): Promise<Problem[]> {
    const { mappings } = await functionsView(this.#views, caller, http);
    return mappings.flatMap(({ uuid, functionName, stream, blockages, lastResult }): Problem[] => {
      const link = `#/functions?mapping=${encodeURIComponent(uuid)}`;
      const common = { severity: 'broken', link } as const;
      if (blockages.length > 0) {
        return blockages.map(({ shardId, failures, records, reason }) => ({
          ...common,
          title: `${functionName} blocks ${shardId} of ${stream ?? ''}`,
          detail: `${counted(failures, 'attempt')} failed on ${counted(records, 'record')}. ${reason}`,
        }));
      }
      if (!/^problem/i.test(lastResult)) return [];
      return [{ ...common, title: `The mapping to ${functionName} fails`, detail: lastResult }];
    });
  }

  async #deliveries(caller: Caller, http: HttpRequest): Promise<Problem[]> {
    const { rows } = await deliveriesView(this.#views, caller, http);
    return rows.flatMap(({ kind, name, failure }): Problem[] => {
      if (failure === undefined) return [];
      const link = `#/deliveries?${new URLSearchParams({ kind, name }).toString()}`;
      return [
        { severity: 'broken', title: `The ${kind} ${name} delivers nothing`, detail: failure.reason, link },
      ];
    });
  }

  async #readers(names: readonly string[]): Promise<{ problems: Problem[]; slowest: Overview['slowest'] }> {
    const problems: Problem[] = [];
    let slowest: Overview['slowest'];
    const checkpoints = checkpointsByStream(this.#views);
    let lookedAt = 0;
    for (const name of names) {
      const stream = this.#views.inspector.stream(name);
      if (stream === undefined || lookedAt >= consoleLimits.readStreamsMax) continue;
      const [worst] = await readersOf(this.#views, stream, checkpoints);
      if (worst === undefined) continue;
      lookedAt++;
      const { ageMs, caller } = worst;
      if (slowest === undefined || ageMs > slowest.ageMs) slowest = { stream: name, caller, ageMs };
      if (ageMs < SLOW_MS) continue;
      const isLosing = ageMs * 2 > stream.retentionMs;
      problems.push({
        severity: isLosing ? 'broken' : 'warning',
        title: `A reader of ${name} is ${duration(ageMs)} behind`,
        detail: isLosing
          ? `${caller} is past half of the retention of ${duration(stream.retentionMs)}: records will expire unread.`
          : `${caller} (${worst.kind})`,
        link: `#/streams/${encodeURIComponent(name)}/readers`,
      });
    }
    return { problems, slowest };
  }

  #throttles(): Problem[] {
    return [...this.#rates.busy]
      .filter(([, { throttled }]) => throttled > 0)
      .map(([name, { throttled }]) => ({
        severity: 'warning',
        title: `Puts to ${name} are throttled`,
        detail: `${throttled.toFixed(1)} a second: a shard is at its limit.`,
        link: `#/streams/${encodeURIComponent(name)}/shards`,
      }));
  }
}

function rank({ severity }: Problem): number {
  return severity === 'broken' ? 0 : 1;
}

/** `3 min`, `2.5 h` */
export function duration(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1_000],
  ] as const;
  const [unit, size] = units.find(([, one]) => ms >= one) ?? ['ms', 1];
  const value = ms / size;
  return `${value < 10 && size > 1 ? Number(value.toFixed(1)) : Math.round(value)} ${unit}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
