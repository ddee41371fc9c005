import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  canonicalPath,
  canonicalPathOfS3,
  canonicalQuery,
  canonicalValue,
} from '../../../src/auth/signature/canonical.ts';

// In the cases of the suites of botocore and aws-c-auth; paths and queries as they are sent.
for (const [name, sent, expected] of [
  ['get-vanilla', '/', '/'],
  ['get-slash', '//', '/'],
  ['get-slash-dot-slash', '/./', '/'],
  ['get-slash-pointless-dot', '/./example', '/example'],
  ['get-slashes', '//example//', '/example/'],
  ['get-relative', '/example/..', '/'],
  ['get-relative-relative', '/example1/example2/../..', '/'],
  ['normalize-path, above the root', '/../a', '/a'],
  ['get-space, encoded by the client', '/example%20space/', '/example%2520space/'],
  ['get-utf8, encoded by the client', '/%E1%88%B4', '/%25E1%2588%25B4'],
  ['get-unreserved', '/-._~0123456789ABCxyz', '/-._~0123456789ABCxyz'],
  ['a colon that the client did not encode', '/a:b', '/a%3Ab'],
  ['an encoded slash', '/a%2Fb', '/a%252Fb'],
] as const) {
  it(`signs a path as AWS does: ${name}`, () => assert.equal(canonicalPath(sent), expected));
}

for (const [name, sent, expected] of [
  ['dots are part of keys', '/bucket/a/../b', '/bucket/a/../b'],
  ['so are empty segments', '/bucket//a/', '/bucket//a/'],
  ['encoded once', '/bucket/a%20b', '/bucket/a%20b'],
  ['encoded in AWS`s way', '/bucket/(a)', '/bucket/%28a%29'],
  ['an encoded slash is none', '/bucket/a%2fb', '/bucket/a%2Fb'],
  ['double encoding stays double', '/bucket/a%252Fb', '/bucket/a%252Fb'],
  ['not UTF-8', '/bucket/%ff', '/bucket/%FF'],
] as const) {
  it(`signs a path as S3 does: ${name}`, () => assert.equal(canonicalPathOfS3(sent), expected));
}

for (const [name, sent, expected] of [
  ['get-vanilla-query-order-key', 'Param2=value2&Param1=value1', 'Param1=value1&Param2=value2'],
  ['get-vanilla-query-order-value', 'Param1=value2&Param1=value1', 'Param1=value1&Param1=value2'],
  [
    'get-vanilla-query-order-encoded',
    'Param-3=Value3&Param=Value2&%E1%88%B4=Value1',
    '%E1%88%B4=Value1&Param=Value2&Param-3=Value3',
  ],
  ['get-vanilla-empty-query-key', 'Param1=', 'Param1='],
  ['a name alone', 'acl', 'acl='],
  ['an equals sign in a value', 'a=b=c', 'a=b%3Dc'],
  ['a plus is a space', 'a=b+c', 'a=b%20c'],
  ['the signature is left out', 'X-Amz-Signature=00&a=1', 'a=1'],
] as const) {
  it(`signs a query as AWS does: ${name}`, () => assert.equal(canonicalQuery(sent), expected));
}

it('folds blanks of header values: get-header-value-trim', () => {
  assert.equal(canonicalValue(' a   b \t c '), 'a b c');
});
