import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { SerializationError } from '../../../src/protocol/serialization-error.ts';
import { parseXml, type XmlElement } from '../../../src/protocol/documents/xml-parser.ts';
import { escapeXml, wrap } from '../../../src/protocol/documents/xml-values.ts';
import { processorMsOf } from '../../support/processor-time.ts';

function plain(element: XmlElement): unknown {
  if (element.children.size === 0) return element.text;
  return Object.fromEntries([...element.children].map(([name, list]) => [name, list.map(plain)]));
}

describe('parsing XML', () => {
  for (const [what, text, expected] of [
    ['text', '<a>b</a>', 'b'],
    ['an empty element', '<a/>', ''],
    ['elements of one name', '<a><b>1</b><c/><b>2</b></a>', { b: ['1', '2'], c: [''] }],
    ['entities', '<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x1F98A;</a>', '<>&"\'A🦊'],
    ['CDATA', '<a>x<![CDATA[<b>&amp;]]>y</a>', 'x<b>&amp;y'],
    ['comments and instructions', '<?xml version="1.0"?><!-- <x> --><a><?p <?>b<!-- c --></a>\n', 'b'],
    ['attributes and prefixes', `<n:a xmlns:n="x" b='>' ><n:c d="1"/></n:a >`, { c: [''] }],
    ['line ends as one', '<a>x\r\ny\rz&#13;</a>', 'x\ny\nz\r'],
    ['a byte order mark', '\uFEFF<a>b</a>', 'b'],
  ] as const) {
    it(`supports ${what}`, () => assert.deepEqual(plain(parseXml(text)), expected));
  }

  for (const text of [
    '',
    'x',
    '<a>',
    '</a>',
    '<a></b>',
    '<a/><b/>',
    '<a/>x',
    '<a',
    '<a b></a>',
    '<a b=c></a>',
    '<a>&</a>',
    '<a>&foo;</a>',
    '<a>&#0;</a>',
    '<a>&#x110000;</a>',
    '<a><!-- </a>',
    '<a><![CDATA[</a>',
    '<!DOCTYPE a><a/>',
    '<a>'.repeat(40) + '</a>'.repeat(40),
  ]) {
    it(`refuses ${text.slice(0, 40)}`, () => assert.throws(() => parseXml(text), SerializationError));
  }

  it('reads what was written, whatever XML can contain', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const kept = Array.from(text, (char) =>
          char < ' ' && !'\t\n\r'.includes(char) ? '\uFFFD' : char,
        ).join('');
        assert.equal(parseXml(wrap('a', escapeXml(text))).text, kept);
      }),
      { seed: 1 },
    );
  });

  it('either reads or refuses any text', () => {
    const bits = [
      '<',
      '>',
      '/',
      'a',
      'b',
      '<a>',
      '</a>',
      '&',
      ';',
      '!',
      '?',
      '--',
      '[CDATA[',
      ']]>',
      '"',
      '=',
      ' ',
      '\n',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...bits), { maxLength: 30 }), (parts) => {
        try {
          parseXml(parts.join(''));
        } catch (error) {
          assert.ok(error instanceof SerializationError);
        }
      }),
      { seed: 2, numRuns: 2000 },
    );
  });

  it('is not slowed down by endless attributes', async () => {
    const tookMs = await processorMsOf(() => {
      assert.throws(() => parseXml(`<a ${'b="c" '.repeat(200_000)}`), SerializationError);
      assert.throws(() => parseXml(`<a${' '.repeat(200_000)}`), SerializationError);
      assert.throws(() => parseXml('<'.repeat(200_000)), SerializationError);
    });
    assert.ok(tookMs < 2000, `${tookMs} ms`);
  });
});
