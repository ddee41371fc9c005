import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call, with what an answer must have and which of its values later calls use. */
export interface RecordedCall {
  /** The service in the credential's scope. */
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  /** The places of the answer's values. */
  readonly members: readonly string[];
  /** Values that later calls send again, by their place. */
  readonly values: Readonly<Record<string, string>>;
}

/** The others do not change an answer: times, attempts and the client's name. */
const HEADERS =
  /^(?:content-(?:type|encoding|md5)|smithy-protocol|accept|x-amzn-query-mode|x-amz-(?!date|security|user-agent).*)$/;
const VALUE_CHARACTERS_MIN = 8;

interface RawCall extends Omit<RecordedCall, 'members' | 'values'> {
  readonly answer: string;
}

/** A server in front of another one that remembers the calls, in the order of their answers. */
export class RecordingProxy {
  readonly #target: string;
  readonly #calls: RawCall[] = [];
  readonly #server = createServer((request, response) => {
    this.#pass(request).then(
      ({ status, headers, body }) => response.writeHead(status, headers).end(body),
      () => response.writeHead(502).end(),
    );
  });

  constructor(target: string) {
    this.#target = target;
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo; // it listens on a port
    return `http://127.0.0.1:${port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Without calls that were made before with the same result. */
  calls(): RecordedCall[] {
    const seen = new Map<string, string>();
    const kept = this.#calls.filter((call) => {
      const request = JSON.stringify([call.service, call.method, call.path, call.body]);
      const result = JSON.stringify([call.status, membersOf(call.answer)]);
      if (seen.get(request) === result) return false;
      seen.set(request, result);
      return true;
    });
    return kept.map(({ answer, ...call }, index) => ({
      ...call,
      members: membersOf(answer),
      values: usedValues(answer, kept.slice(0, index + 1), kept.slice(index + 1)),
    }));
  }

  async #pass(request: IncomingMessage) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer); // requests have no encoding
    const body = Buffer.concat(chunks);
    const { method = 'GET', url: path = '/' } = request;
    const headers = Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) =>
        typeof value === 'string' &&
        !['host', 'connection', 'content-length', 'transfer-encoding', 'expect'].includes(name)
          ? [[name, value]]
          : [],
      ),
    );
    const answer = await fetch(this.#target + path, {
      method,
      headers: { ...headers, 'accept-encoding': 'identity' },
      ...(body.length > 0 ? { body } : {}),
    });
    const content = Buffer.from(await answer.arrayBuffer());
    const service = /\/([a-z0-9-]+)\/aws4_request/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const recorded = Object.fromEntries(Object.entries(headers).filter(([name]) => HEADERS.test(name)));
    this.#calls.push({
      service,
      method,
      path,
      headers: recorded,
      body: body.toString('latin1'),
      status: answer.status,
      answer: content.toString('latin1'),
    });
    const passed = Object.fromEntries(answer.headers);
    delete passed['transfer-encoding'];
    return { status: answer.status, headers: passed, body: method === 'HEAD' ? undefined : content };
  }
}

/** One call on each line. */
export function writeRecording(name: string, calls: readonly RecordedCall[]): void {
  const lines = calls.map((call) => `${JSON.stringify(call)}\n`);
  writeFileSync(new URL(`recordings/${name}.jsonl`, import.meta.url), lines.join(''));
}

/** The values of an answer in JSON or XML by their places, such as `Summary.StreamARN` or `TopicArn#2`. */
export function valuesOf(answer: string): Map<string, string> {
  const values = new Map<string, string>();
  if (/^\s*[{[]/.test(answer)) addJson(JSON.parse(answer), '', values);
  else {
    const counts = new Map<string, number>();
    for (const [, name = '', text = ''] of answer.matchAll(/<([A-Za-z]\w*)[^<>]*>([^<]*)<\//g)) {
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      values.set(count === 1 ? name : `${name}#${count}`, text);
    }
  }
  return values;
}

function addJson(value: unknown, path: string, values: Map<string, string>): void {
  if (typeof value !== 'object' || value === null) {
    values.set(path, String(value));
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    addJson(member, path === '' ? name : `${path}.${name}`, values);
  }
}

/** Members that appear with time. */
const TIMED = /StateReasonData$/;

/** The places of an answer without the numbers of elements, which may differ. */
export function membersOf(answer: string): string[] {
  const places = [...valuesOf(answer).keys()].map((place) => place.replaceAll(/#\d+|\.\d+(?=\.|$)/g, ''));
  return [...new Set(places)].filter((place) => !TIMED.test(place)).sort();
}

function usedValues(
  answer: string,
  before: readonly RawCall[],
  after: readonly RawCall[],
): Record<string, string> {
  const sent = (calls: readonly RawCall[], text: string) =>
    calls.some(({ path, body }) =>
      [text, encodeURIComponent(text)].some((form) => path.includes(form) || body.includes(form)),
    );
  return Object.fromEntries(
    [...valuesOf(answer)].filter(
      ([, text]) => text.length >= VALUE_CHARACTERS_MIN && sent(after, text) && !sent(before, text),
    ),
  );
}
