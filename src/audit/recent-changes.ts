import { randomUUID } from 'node:crypto';
import type { Principal } from '../auth/principal.ts';
import type { ServiceError } from '../errors.ts';
import type { Change, ChangeObserver } from '../protocol/changes.ts';
import type { Service } from '../protocol/service.ts';
import type { Clock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import { auditLimits } from './limits.ts';
import { HIDDEN, Parameters } from './parameters.ts';

/** A change that somebody made, or was refused. */
export interface RecentChange {
  /** Ascending. */
  readonly id: number;
  readonly timeMs: number;
  /** An ARN; without keys the access key that was given, or nothing. */
  readonly who: string;
  /** From before the start of the server: it does not tell the two apart. */
  readonly via: 'API' | 'console' | 'audit log';
  readonly address: string;
  readonly userAgent: string;
  /** `kinesis:CreateStream` */
  readonly operation: string;
  /** What it was done with, as far as one name says it. */
  readonly resource: string;
  /** JSON, without data and secrets. */
  readonly parameters: string;
  /** Undefined for what was done. */
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly requestId: string;
}

/** An action of nagare's own, such as `nagare:GetSupportArchive`. `input` has no data and no secrets. */
export interface OwnChange extends Pick<Change, 'principal' | 'http'> {
  readonly operation: string;
  readonly input: object;
  readonly error: Pick<ServiceError, 'code' | 'message'> | undefined;
}

interface Noted extends Omit<OwnChange, 'input'> {
  readonly parameters: object;
  readonly requestId: string;
}

/** The last changes, in memory, whether or not there is an audit log. */
export class RecentChanges {
  readonly #log: Log;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #parameters = new Map<string, Parameters>();
  readonly #changes: RecentChange[] = [];
  /** From before the start. */
  readonly #earlier: (beforeMs: number) => Promise<readonly Omit<RecentChange, 'id'>[]>;
  readonly #beganMs: number;
  #loading: Promise<void> | undefined;
  #last = 0;
  #waiting = Promise.withResolvers<void>();

  constructor(
    log: Log,
    clock: Pick<Clock, 'now'>,
    earlier: (beforeMs: number) => Promise<readonly Omit<RecentChange, 'id'>[]>,
  ) {
    this.#log = log;
    this.#clock = clock;
    this.#earlier = earlier;
    // Times in the audit log are in seconds.
    this.#beganMs = Math.floor(clock.now() / 1000) * 1000;
  }

  /** When the server began to remember changes by itself. */
  get beganMs(): number {
    return this.#beganMs;
  }

  /** Reads the changes from before the start, once: when somebody looks. */
  async load(): Promise<void> {
    this.#loading ??= this.#load();
    await this.#loading;
  }

  async #load(): Promise<void> {
    try {
      const earlier = await this.#earlier(this.#beganMs);
      const kept = earlier.slice(
        Math.max(0, earlier.length + this.#changes.length - auditLimits.recentChangesMax),
      );
      // Those since the start have the numbers from 1 on.
      this.#changes.unshift(...kept.map((change, at) => ({ ...change, id: at - kept.length })));
    } catch (error) {
      this.#log.warn({ err: error }, 'changes from before the start could not be read from the audit log');
    }
  }

  /** Changes of data are only those that the console makes: others are too many. */
  observer(via: RecentChange['via']): ChangeObserver {
    return {
      includesData: via === 'console',
      changed: (change) => {
        try {
          this.#add(change, via);
        } catch (error) {
          this.#log.error({ err: error }, 'a change could not be remembered');
        }
      },
    };
  }

  /** The newest first. */
  list(): RecentChange[] {
    return this.#changes.toReversed();
  }

  /** Resolves at the next change. */
  next(): Promise<void> {
    return this.#waiting.promise;
  }

  /** Adds what is no operation of a service. */
  own(change: OwnChange, via: RecentChange['via']): void {
    this.#push({ ...change, parameters: change.input, requestId: randomUUID() }, via);
  }

  #add({ service, operation, input, ...rest }: Change, via: RecentChange['via']): void {
    const parameters = input === undefined ? {} : (this.#of(service).of(operation, input) ?? {});
    this.#push({ ...rest, operation: `${service.name}:${operation}`, parameters }, via);
  }

  #push({ operation, parameters, error, principal, http, requestId }: Noted, via: RecentChange['via']): void {
    this.#changes.push({
      id: ++this.#last,
      timeMs: this.#clock.now(),
      who: nameOf(principal),
      via,
      address: http.peer.address,
      userAgent: shortened(http.headers['user-agent'] ?? '', auditLimits.textCharactersMax),
      operation,
      resource: resourceIn(parameters),
      parameters: shortened(JSON.stringify(parameters), auditLimits.recentParametersCharactersMax),
      error: error && { code: error.code, message: shortened(error.message, auditLimits.textCharactersMax) },
      requestId,
    });
    if (this.#changes.length > auditLimits.recentChangesMax) this.#changes.shift();
    this.#waiting.resolve();
    this.#waiting = Promise.withResolvers();
  }

  #of(service: Service): Parameters {
    let known = this.#parameters.get(service.name);
    if (known === undefined) this.#parameters.set(service.name, (known = new Parameters(service)));
    return known;
  }
}

function nameOf({ identity, scope }: Principal): string {
  if (identity.kind === 'unverified') return scope?.accessKeyId ?? '';
  return identity.kind === 'anonymous' ? 'anonymous' : identity.arn;
}

export function shortened(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max)}...` : text;
}

const NAMES = /(?:name|names|arn|url|uuid|bucket|key)$/i;

/** The first parameter that names something; of objects the bucket and the key. */
export function resourceIn(parameters: object): string {
  const named = Object.entries(parameters).filter(([name]) => NAMES.test(name));
  const texts = new Map(named.flatMap(([name, value]) => (isText(value) ? [[name, value] as const] : [])));
  const list: unknown = named.find(([, value]) => Array.isArray(value))?.[1];
  const [first] = [...texts].filter(([name]) => !/(?:key|bucket)$/i.test(name));
  const bucket = texts.get('bucket');
  if (first === undefined && bucket !== undefined) {
    return [bucket, texts.get('key')].filter((part) => part !== undefined).join('/');
  }
  const text = first?.[1] ?? (Array.isArray(list) ? list.filter(isText).join(', ') : '');
  return shortened(/^(?:arn:|https?:)/.test(text) ? text.slice(text.search(/[^/:]+$/)) : text, 200);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== HIDDEN;
}
