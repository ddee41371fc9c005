import { readFileSync } from 'node:fs';

/** A request that botocore signed (generate.py), and the steps of its signature. */
export interface Vector {
  readonly name: string;
  readonly service: string;
  readonly method: string;
  readonly target: string;
  /** `<name>: <value>`. */
  readonly headers: readonly string[];
  readonly body: string;
  /** The session token of the key. */
  readonly token?: string;
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  readonly signature: string;
}

const file = readFileSync(new URL('vectors.json', import.meta.url), 'utf8');
// Written by generate.py, which makes these members.
export const { suite, services } = JSON.parse(file) as {
  /** For a service that there is not. */
  readonly suite: readonly Vector[];
  /** For services of AWS. */
  readonly services: readonly Vector[];
};

export const SIGNED_MS = Date.UTC(2015, 7, 30, 12, 36, 0);

/** As bytes of HTTP/1.1. */
export function bytesOf({ method, target, headers, body }: Vector): string {
  const length = body === '' && method === 'GET' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return [`${method} ${target} HTTP/1.1`, ...headers, ...length, '', body].join('\r\n');
}

/** What makes a signature wrong, in every form of a request. */
export const mutations: Readonly<Record<string, (vector: Vector) => Vector>> = {
  'another method': (vector) => ({ ...vector, method: vector.method === 'GET' ? 'DELETE' : 'PATCH' }),
  'another path': ({ target, ...rest }) => ({ ...rest, target: target.replace(/^[^?]*/, '$&x') }),
  'a longer path': ({ target, ...rest }) => ({ ...rest, target: `/x${target}` }),
  'an added parameter': ({ target, ...rest }) => ({
    ...rest,
    target: `${target}${target.includes('?') ? '&' : '?'}added=1`,
  }),
  'another time': edited('123600Z', '123601Z'),
  'another signature': (vector) =>
    edited(
      vector.signature,
      vector.signature.replace(/^./, (c) => (c === '0' ? '1' : '0')),
    )(vector),
  'another host': ({ headers, ...rest }) => ({
    ...rest,
    headers: headers.map((line) => line.replace('example.amazonaws', 'example2.amazonaws')),
  }),
};

/** Replaces in headers and query. */
export function edited(from: string, to: string): (vector: Vector) => Vector {
  return ({ target, headers, ...rest }) => ({
    ...rest,
    target: target.replace(from, to),
    headers: headers.map((line) => line.replace(from, to)),
  });
}

export function withHeader(vector: Vector, line: string): Vector {
  return { ...vector, headers: [...vector.headers, line] };
}
