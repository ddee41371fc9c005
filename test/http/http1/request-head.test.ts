import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { parseRequestHead } from '../../../src/http/http1/request-head.ts';
import { HttpSyntaxError } from '../../../src/http/http1/syntax-error.ts';

const head = (...lines: string[]): string => ['POST / HTTP/1.1', 'Host: h', ...lines].join('\r\n');

describe('the head of a request', () => {
  it('is parsed, names in lower case, values trimmed', () => {
    const { headers, ...rest } = parseRequestHead(
      'PUT /a%20b?c HTTP/1.1\r\nHOST:h:1\r\nX-Amz-Meta-A: \t b c \t\r\nEmpty:\r\nContent-Length: 12',
    );
    assert.deepEqual(
      { ...headers },
      { host: 'h:1', 'x-amz-meta-a': 'b c', empty: '', 'content-length': '12' },
    );
    assert.deepEqual(rest, {
      method: 'PUT',
      target: '/a%20b?c',
      version: '1.1',
      bodyBytes: 12,
      keepAlive: true,
      expectsContinue: false,
    });
  });

  it('joins repeated fields, except for those with a single value', () => {
    const { headers } = parseRequestHead(head('a: 1', 'A: 2', 'Content-Type: x', 'content-type: y'));
    assert.equal(headers['a'], '1, 2');
    assert.equal(headers['content-type'], 'x');
  });

  it('may name a field like a property of Object', () => {
    const { headers } = parseRequestHead(head('__proto__: 1', 'constructor: 2', 'toString: 3'));
    assert.deepEqual(Object.keys(headers), ['host', '__proto__', 'constructor', 'tostring']);
    assert.equal(headers['hasownproperty'], undefined);
  });

  for (const [lines, keepAlive] of [
    [['GET / HTTP/1.1', 'host: h'], true],
    [['GET / HTTP/1.1', 'host: h', 'Connection: TE, Close'], false],
    [['GET / HTTP/1.0'], false],
    [['GET / HTTP/1.0', 'connection: Keep-Alive'], true],
  ] as const) {
    it(`determines whether the connection is kept: ${lines.join(', ')}`, () => {
      assert.equal(parseRequestHead(lines.join('\r\n')).keepAlive, keepAlive);
    });
  }

  for (const [what, text, status] of [
    ['no version', 'GET /', 400],
    ['two blanks', 'GET  / HTTP/1.1', 400],
    ['another protocol', 'GET / RTSP/1.0', 400],
    ['a version that is not spoken', 'GET / HTTP/3.0', 505],
    ['a method that is none', 'GE(T / HTTP/1.1', 400],
    ['no Host', 'GET / HTTP/1.1\r\na: b', 400],
    ['two Hosts', head('host: other'), 400],
    ['a blank before a colon', head('Content-Length : 1'), 400],
    ['a folded line', head('a: b', ' c'), 400],
    ['a bare line feed', head('a: b\ncontent-length: 1'), 400],
    ['a bare carriage return', head('a: b\rc'), 400],
    ['a NUL', head('a: \0'), 400],
    ['a field without a name', head(': b'), 400],
    ['two lengths', head('content-length: 1', 'content-length: 1'), 400],
    ['two lengths in one field', head('content-length: 1, 1'), 400],
    ['a negative length', head('content-length: -1'), 400],
    ['a length in other digits', head('content-length: 0x10'), 400],
    ['a length that is too long to be one', head(`content-length: ${'9'.repeat(20)}`), 400],
    ['a length beside chunks', head('content-length: 1', 'transfer-encoding: chunked'), 400],
    ['chunks in chunks', head('transfer-encoding: chunked, chunked'), 501],
    ['an encoding that is not known', head('transfer-encoding: gzip, chunked'), 501],
    ['two encodings', head('transfer-encoding: chunked', 'transfer-encoding: identity'), 400],
    ['chunks in HTTP/1.0', 'POST / HTTP/1.0\r\ntransfer-encoding: chunked', 400],
  ] as const) {
    it(`is refused with ${status} for ${what}`, () => {
      assert.throws(
        () => parseRequestHead(text),
        (error) => error instanceof HttpSyntaxError && error.status === status,
      );
    });
  }

  it('is parsed or refused, whatever it is', () => {
    const line = fc.string({ unit: fc.constantFrom('\r', '\n', ':', ' ', 'a', '1', '\0', '\xff', ',') });
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          const { headers } = parseRequestHead(head(...lines));
          for (const value of Object.values(headers)) assert.doesNotMatch(String(value), /[\r\n\0]/);
        } catch (error) {
          assert(error instanceof HttpSyntaxError);
        }
      }),
    );
  });
});
