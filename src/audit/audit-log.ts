import type { AnsweredRequest, Outcome, RequestObserver } from '../protocol/observer.ts';
import { isRead } from '../protocol/reads.ts';
import type { Service } from '../protocol/service.ts';
import type { Clock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import { TokenBucket } from '../support/token-bucket.ts';
import { callerOf } from './caller.ts';
import { auditLimits } from './limits.ts';
import { Parameters } from './parameters.ts';
import { auditRecord, type AuditRecord, type EventKind, NAGARE, serviceEvent } from './record.ts';

/** Which operations on data are audited besides all those on resources. */
export type AuditedData = 'none' | 'write' | 'all';

/** Where records go. */
export interface AuditSink {
  /** Never blocks, and never throws: a record that finds no room is lost, and counted. */
  add(entry: AuditEntry): void;
}

export interface AuditEntry {
  /** With its newline. */
  readonly line: string;
  readonly bytes: number;
  /** Records of one caller stay in their order. */
  readonly partitionKey: string;
  /** The stream whose data the request reads or writes; its name is unknown if the request only has an iterator. */
  readonly stream: { readonly name: string | undefined } | undefined;
}

export interface AuditLogOptions {
  readonly sinks: readonly AuditSink[];
  readonly data: AuditedData;
  readonly region: string;
  readonly accountId: string;
  readonly log: Log;
  /** The machine's. */
  readonly clock: Pick<Clock, 'now'>;
}

interface Audited {
  readonly parameters: Parameters;
  readonly dataEvents: ReadonlySet<string>;
}

/** Makes a record of each request that matters, in CloudTrail's format. */
export class AuditLog implements RequestObserver {
  readonly isWatching = true;
  readonly #options: AuditLogOptions;
  readonly #services = new Map<string, Audited>();
  /** How many requests of unknown callers are audited. */
  readonly #ofUnknown: TokenBucket;
  #omitted = 0;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#ofUnknown = new TokenBucket(auditLimits.unknownCallersPerSecond, options.clock.now());
  }

  answered(answered: AnsweredRequest): void {
    try {
      const kind = this.#kindOf(answered);
      if (kind !== undefined) this.#add(answered, kind);
    } catch (error) {
      this.#options.log.error({ err: error }, 'a request could not be audited');
    }
  }

  #add(answered: AnsweredRequest, kind: EventKind): void {
    const { principal, accessKeyId } = callerOf(answered);
    if (principal === undefined && !this.#ofUnknown.take(1, this.#options.clock.now())) {
      this.#omitted++;
      return;
    }
    if (this.#omitted > 0) this.#sendOmission();
    const { outcome, peer } = answered;
    const record = auditRecord(answered, kind, this.#parametersOf(outcome), this.#context());
    const stream = kind.isData ? streamOf(outcome) : undefined;
    this.#send(entryOf(record, principal ?? accessKeyId ?? peer.address, stream));
  }

  #sendOmission(): void {
    const reason = 'requests whose caller is not known came faster than they are audited';
    const record = serviceEvent('AuditRecordsOmitted', { count: this.#omitted, reason }, this.#context());
    this.#omitted = 0;
    this.#send(entryOf(record, NAGARE));
  }

  #context() {
    const { region, accountId, clock } = this.#options;
    return { region, accountId, nowMs: clock.now() };
  }

  #send(entry: AuditEntry): void {
    for (const sink of this.#options.sinks) sink.add(entry);
  }

  /** Undefined for what is not audited. */
  #kindOf({ outcome, request, response, isAdmitted }: AnsweredRequest): EventKind | undefined {
    if (outcome === undefined) {
      const readOnly = request.method === 'GET' || request.method === 'HEAD';
      const isOwn = request.path.startsWith('/_nagare/');
      // Health checks, preflight requests, and pages that anyone may read.
      if (response.status < 400 && isAdmitted && readOnly) return undefined;
      if (request.method === 'OPTIONS' || request.path === '/health') return undefined;
      const eventName = isOwn ? `${request.method} ${request.path.slice(0, 100)}` : 'UnknownOperation';
      return { eventSource: NAGARE, eventName, readOnly, isData: false };
    }
    const { service, operation } = outcome;
    const isData = operation !== undefined && this.#of(service).dataEvents.has(operation);
    const model = operation === undefined ? undefined : service.model.operations[operation];
    const readOnly = model !== undefined && isRead(model);
    const { data } = this.#options;
    if (isData && (data === 'none' || (data === 'write' && readOnly))) return undefined;
    const eventSource = `${service.name}.amazonaws.com`;
    return { eventSource, eventName: operation ?? 'UnknownOperation', readOnly, isData };
  }

  #of(service: Service): Audited {
    const known = this.#services.get(service.name);
    if (known !== undefined) return known;
    const made = {
      parameters: new Parameters(service),
      dataEvents: new Set(service.audit?.dataEvents),
    };
    this.#services.set(service.name, made);
    return made;
  }

  #parametersOf(outcome: Outcome | undefined): object | null {
    const { service, operation, input } = outcome ?? {};
    if (service === undefined || operation === undefined || input === undefined) return null;
    return this.#of(service).parameters.of(operation, input);
  }
}

export function entryOf(
  record: AuditRecord,
  partitionKey: string,
  stream?: AuditEntry['stream'],
): AuditEntry {
  const line = `${JSON.stringify(record)}\n`;
  return { line, bytes: Buffer.byteLength(line), partitionKey, stream };
}

/** The stream that a request names, or that its policy decision is about. */
function streamOf(outcome: Outcome | undefined): AuditEntry['stream'] {
  if (outcome?.service.name !== 'kinesis') return undefined;
  const input: { StreamName?: unknown; StreamARN?: unknown; ConsumerARN?: unknown } = outcome.input ?? {};
  const arn = outcome.decision?.resources[0] ?? input.StreamARN ?? input.ConsumerARN;
  if (typeof arn === 'string') return { name: /:stream\/([^/]+)/.exec(arn)?.[1] };
  return { name: typeof input.StreamName === 'string' ? input.StreamName : undefined };
}
