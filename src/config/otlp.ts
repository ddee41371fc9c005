import { readFile } from 'node:fs/promises';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { resolve } from 'node:path';
import { reasonOf } from '../support/errno.ts';
import { configLimits } from './limits.ts';
import { checkVariables } from './otel-variables.ts';
import { otlpSettings } from './otlp-settings.ts';
import { secretIn } from './secret-file.ts';
import type { SettingSource } from './setting-source.ts';
import { wholeNumber } from './setting.ts';

/** What is exported to OpenTelemetry collectors, and where to. */
export interface OtlpSettings {
  readonly metrics?: SignalSettings & { readonly intervalMs: number };
  readonly traces?: SignalSettings & {
    readonly sampler: { readonly isParentBased: boolean; readonly ratio: number };
    readonly propagators: readonly Propagator[];
    readonly spansMax: number;
    readonly batchSpansMax: number;
    readonly delayMs: number;
  };
  /** Attributes of the server, besides those that it knows. */
  readonly resource: Readonly<Record<string, string>>;
  /** Absolute paths of files with tokens and keys. */
  readonly secretFiles?: readonly string[];
}

export type Propagator = 'tracecontext' | 'xray';

export interface SignalSettings {
  readonly url: string;
  readonly protocol: 'http/protobuf' | 'http/json';
  readonly compression: 'gzip' | 'none';
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  /** Of one request, with its attempts. */
  readonly timeoutMs: number;
  /** Of all requests of an export. */
  readonly exportTimeoutMs: number;
  /** In PEM. */
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

interface Written {
  readonly origin: string;
  readonly text: string;
}

type Signal = 'TRACES' | 'METRICS';

interface Found {
  readonly problems: string[];
  readonly warnings: string[];
}

/** Undefined if nothing is exported: then the other settings are not checked. */
export async function readOtlp(
  source: SettingSource,
  workingFolder: string,
  found: Found,
): Promise<OtlpSettings | undefined> {
  return new OtlpReader(source, workingFolder, found).read();
}

class OtlpReader {
  readonly #source: SettingSource;
  readonly #workingFolder: string;
  readonly #problems: string[];
  readonly #warnings: string[];

  constructor(source: SettingSource, workingFolder: string, { problems, warnings }: Found) {
    this.#source = source;
    this.#workingFolder = workingFolder;
    this.#problems = problems;
    this.#warnings = warnings;
  }

  async read(): Promise<OtlpSettings | undefined> {
    if (/^true$/i.test(this.#variable('OTEL_SDK_DISABLED').text)) return undefined;
    if (!this.#isWanted('TRACES') && !this.#isWanted('METRICS')) return undefined;
    const found = checkVariables(this.#source.environment);
    this.#problems.push(...found.problems);
    this.#warnings.push(...found.warnings);
    const metrics = this.#exports('METRICS') ? await this.#metrics() : undefined;
    const traces = this.#exports('TRACES') ? await this.#traces() : undefined;
    const resource = this.#resource();
    const secretFiles = this.#secretFiles();
    return { resource, secretFiles, ...(metrics && { metrics }), ...(traces && { traces }) };
  }

  #isWanted(signal: Signal): boolean {
    return this.#endpoint(signal).text !== '';
  }

  #endpoint(signal: Signal): Written {
    const own = this.#variable(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`);
    return own.text === '' ? this.#setting('otlpEndpoint') : own;
  }

  #exports(signal: Signal): boolean {
    const { origin, text } = this.#variable(`OTEL_${signal}_EXPORTER`);
    if (text !== '' && text !== 'otlp' && text !== 'none') this.#refuse(origin, text, 'otlp or none');
    return text !== 'none' && this.#isWanted(signal);
  }

  async #metrics(): Promise<OtlpSettings['metrics']> {
    const interval = this.#setting('otlpMetricsIntervalMs');
    return {
      ...(await this.#signal('METRICS')),
      exportTimeoutMs: this.#number(this.#variable('OTEL_METRIC_EXPORT_TIMEOUT'), 30_000),
      intervalMs: this.#number(interval, 60_000, [configLimits.otlpIntervalMsMin, configLimits.otlpMsMax]),
    };
  }

  async #traces(): Promise<OtlpSettings['traces']> {
    const spansMax = this.#count('OTEL_BSP_MAX_QUEUE_SIZE', 2048);
    const batchSpansMax = this.#count('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', Math.min(512, spansMax));
    if (batchSpansMax > spansMax) {
      this.#problem('OTEL_BSP_MAX_EXPORT_BATCH_SIZE must be at most OTEL_BSP_MAX_QUEUE_SIZE');
    }
    return {
      ...(await this.#signal('TRACES')),
      exportTimeoutMs: this.#number(this.#variable('OTEL_BSP_EXPORT_TIMEOUT'), 30_000),
      delayMs: this.#number(this.#variable('OTEL_BSP_SCHEDULE_DELAY'), 5000),
      sampler: this.#sampler(),
      propagators: this.#propagators(),
      spansMax,
      batchSpansMax,
    };
  }

  async #signal(signal: Signal): Promise<Omit<SignalSettings, 'exportTimeoutMs'>> {
    const compression = this.#ofSignal(signal, 'COMPRESSION');
    if (!['', 'gzip', 'none'].includes(compression.text)) {
      this.#refuse(compression.origin, compression.text, 'gzip or none');
    }
    return {
      url: this.#url(signal),
      protocol: this.#protocol(signal),
      compression: compression.text === 'gzip' ? 'gzip' : 'none',
      headers: await this.#headers(signal),
      timeoutMs: this.#number(this.#ofSignal(signal, 'TIMEOUT'), 10_000),
      tls: await this.#tls(signal),
    };
  }

  /** That of one signal is used as it is; the common one is what the paths of the signals are added to. */
  #url(signal: Signal): string {
    const { origin, text } = this.#endpoint(signal);
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const isOwn = origin.endsWith(`_${signal}_ENDPOINT`);
    if (
      url === undefined ||
      !/^https?:$/.test(url.protocol) ||
      url.username !== '' ||
      (!isOwn && url.search !== '')
    ) {
      this.#refuse(origin, text, otlpSettings.otlpEndpoint.expects);
      return '';
    }
    if (!isOwn) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/${signal.toLowerCase()}`;
    return url.href;
  }

  #protocol(signal: Signal): SignalSettings['protocol'] {
    const own = this.#variable(`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`);
    const { origin, text } = own.text === '' ? this.#setting('otlpProtocol') : own;
    if (text === 'http/json') return text;
    if (text !== '' && text !== 'http/protobuf')
      this.#refuse(origin, text, otlpSettings.otlpProtocol.expects);
    return 'http/protobuf';
  }

  async #headers(signal: Signal): Promise<SignalSettings['headers']> {
    const variable = this.#ofSignal(signal, 'HEADERS');
    const fixed = headersOf(variable.text);
    if (fixed === undefined)
      this.#problem(`${variable.origin} must be headers: name=value, separated by commas`);
    const file = this.#setting('otlpHeadersFile');
    if (file.text === '') return () => Promise.resolve(fixed ?? {});
    const workingFolder = this.#source.folder('otlpHeadersFile');
    const read = secretIn(file.text, { ...this.#source, workingFolder });
    const headers = async () => {
      const more = headersOf(await read());
      if (more === undefined) throw new Error(`${file.text} must have headers: name=value, a line each`);
      return { ...fixed, ...more };
    };
    await headers().catch((error: unknown) => this.#problem(`${file.origin}: ${reasonOf(error)}`));
    return headers;
  }

  async #tls(signal: Signal): Promise<SignalSettings['tls']> {
    const [ca, cert, key] = await Promise.all(
      ['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY'].map((name) =>
        this.#file(this.#ofSignal(signal, name)),
      ),
    );
    if ((cert === undefined) !== (key === undefined)) {
      this.#problem(
        'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY need each other',
      );
    }
    return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  }

  #secretFiles(): string[] {
    const { text: headers } = this.#setting('otlpHeadersFile');
    const keys = (['TRACES', 'METRICS'] as const).map((signal) => this.#ofSignal(signal, 'CLIENT_KEY').text);
    return [
      ...(headers === '' ? [] : [resolve(this.#source.folder('otlpHeadersFile'), headers)]),
      ...new Set(keys.filter((key) => key !== '').map((key) => resolve(this.#workingFolder, key))),
    ];
  }

  async #file({ origin, text }: Written): Promise<Buffer | undefined> {
    if (text === '') return undefined;
    try {
      return await readFile(resolve(this.#workingFolder, text));
    } catch (error) {
      this.#problem(`${origin}: cannot read ${text}: ${reasonOf(error)}`);
      return undefined;
    }
  }

  #sampler(): NonNullable<OtlpSettings['traces']>['sampler'] {
    const { origin, text } = this.#setting('otlpTracesSampler');
    const argument = this.#setting('otlpTracesSamplerArg');
    const name = text === '' ? 'parentbased_traceidratio' : text;
    const [, parent, kind] = /^(parentbased_)?(always_on|always_off|traceidratio)$/.exec(name) ?? [];
    if (kind === undefined) this.#refuse(origin, text, otlpSettings.otlpTracesSampler.expects);
    if (kind !== 'traceidratio' && argument.text !== '') {
      this.#problem(`${argument.origin} needs the sampler traceidratio or parentbased_traceidratio`);
    }
    const isParentBased = parent !== undefined;
    if (kind !== 'traceidratio') return { isParentBased, ratio: kind === 'always_on' ? 1 : 0 };
    if (argument.text === '') return { isParentBased, ratio: text === '' ? DEFAULT_RATIO : 1 };
    const ratio = /^[\d.]+(e-\d+)?$/i.test(argument.text) ? Number(argument.text) : Number.NaN;
    if (ratio >= 0 && ratio <= 1) return { isParentBased, ratio };
    this.#refuse(argument.origin, argument.text, otlpSettings.otlpTracesSamplerArg.expects);
    return { isParentBased, ratio: 0 };
  }

  #propagators(): Propagator[] {
    const { origin, text } = this.#variable('OTEL_PROPAGATORS');
    if (text === '') return ['tracecontext', 'xray'];
    const names = text.split(',').map((name) => name.trim());
    const known = names.filter((name) => name === 'tracecontext' || name === 'xray');
    if (names.some((name) => name !== 'none' && !PROPAGATORS.has(name))) {
      this.#refuse(origin, text, 'a list of tracecontext and xray, or none');
    }
    return names.includes('none') ? [] : known;
  }

  #resource(): Record<string, string> {
    const attributes = this.#pairs(this.#variable('OTEL_RESOURCE_ATTRIBUTES')) ?? {};
    const { text: name } = this.#variable('OTEL_SERVICE_NAME');
    return { ...attributes, ...(name !== '' && { 'service.name': name }) };
  }

  #pairs({ origin, text }: Written): Record<string, string> | undefined {
    const pairs = pairsOf(text);
    if (pairs === undefined) this.#problem(`${origin} must be a list of name=value, separated by commas`);
    return pairs;
  }

  #count(variable: string, byDefault: number): number {
    return this.#number(this.#variable(variable), byDefault, [1, configLimits.otlpSpansMax]);
  }

  #number(
    { origin, text }: Written,
    byDefault: number,
    [min, max]: readonly [number, number] = [1, configLimits.otlpMsMax],
  ): number {
    if (text === '') return byDefault;
    const number = wholeNumber(text, min, max);
    if (number === undefined) this.#refuse(origin, text, `a whole number from ${min} to ${max}`);
    return number ?? byDefault;
  }

  #setting(name: keyof typeof otlpSettings): Written {
    return { origin: this.#source.origin(name) ?? 'the default', text: this.#source.value(name) };
  }

  /** Empty when it is not set; the specification treats an empty variable so too. */
  #variable(name: string): Written {
    return { origin: name, text: (this.#source.environment[name] ?? '').trim() };
  }

  #ofSignal(signal: Signal, name: string): Written {
    const own = this.#variable(`OTEL_EXPORTER_OTLP_${signal}_${name}`);
    return own.text === '' ? this.#variable(`OTEL_EXPORTER_OTLP_${name}`) : own;
  }

  #refuse(origin: string, text: string, expects: string): void {
    this.#problem(`${origin} is "${text}"; it must be ${expects}`);
  }

  /** A setting of both signals is read twice. */
  #problem(problem: string): void {
    if (!this.#problems.includes(problem)) this.#problems.push(problem);
  }
}

const DEFAULT_RATIO = 0.01;

const PROPAGATORS: ReadonlySet<string> = new Set(['tracecontext', 'xray']);

/** `name=value`, separated by commas or lines, percent-encoded as in W3C Baggage. Undefined if it is something else. */
function pairsOf(text: string): Record<string, string> | undefined {
  const pairs: Record<string, string> = {};
  for (const item of text.split(/[,\n]/)) {
    if (item.trim() === '') continue;
    const [, name = '', value = ''] = /^\s*([^\s=]+)\s*=\s*(.*?)\s*$/.exec(item) ?? [];
    if (name === '') return undefined;
    try {
      pairs[decodeURIComponent(name)] = decodeURIComponent(value);
    } catch {
      return undefined;
    }
  }
  return pairs;
}

/** Messages about headers do not show them: they may hold a token. */
function headersOf(text: string): Record<string, string> | undefined {
  const headers = pairsOf(text);
  try {
    for (const [name, value] of Object.entries(headers ?? {})) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
  } catch {
    return undefined;
  }
  return headers;
}
