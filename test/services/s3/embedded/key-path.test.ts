import assert from 'node:assert/strict';
import { normalize } from 'node:path';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import {
  compareKeys,
  folderOfPrefix,
  pathOfKey,
  readEntry,
} from '../../../../src/services/s3/embedded/key-path.ts';

const plain = { foldSafe: false };
const folded = { foldSafe: true };

const piece = fc.oneof(
  fc.constantFrom(
    '/',
    '//',
    '.',
    '..',
    '%',
    '%+',
    '%%',
    '%2E',
    '.json',
    'a',
    'A',
    'é',
    'e\u0301',
    '\u0001',
    '𐐷',
    '\uffee',
    '+',
  ),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom('x'.repeat(239), 'x'.repeat(240), 'x'.repeat(241), 'é'.repeat(130), 'q'.repeat(300)),
);
const key = fc
  .array(piece, { minLength: 1, maxLength: 6 })
  .map((pieces) => pieces.join('').replaceAll('\0', ''))
  .filter((text) => text !== '' && text.isWellFormed() && Buffer.byteLength(text) <= 1024);

describe('the path of a key', () => {
  it('is the key itself when the key is ordinary', () => {
    assert.equal(pathOfKey('log.txt', plain), 'log.txt');
    assert.equal(pathOfKey('logs/2026/11/log.txt', plain), 'logs/2026/11/log.txt');
    assert.equal(pathOfKey('写真/猫.jpg', plain), '写真/猫.jpg');
  });

  it('keeps a key and the keys below it apart', () => {
    assert.equal(pathOfKey('a', plain), 'a%');
    assert.equal(pathOfKey('a/b', plain), 'a/b%');
    assert.equal(pathOfKey('a.b', plain), 'a.b');
    assert.equal(pathOfKey('a.b/c.d', plain), 'a.b%/c.d');
    assert.equal(pathOfKey('a/', plain), 'a/%');
    assert.equal(pathOfKey('a//', plain), 'a/%%/%');
  });

  it('never leaves its folder', () => {
    assert.equal(pathOfKey('../../etc/passwd', plain), '%2E%2E%/%2E%2E%/etc/passwd%');
    assert.equal(pathOfKey('.', plain), '%2E');
  });

  for (const [name, options] of [
    ['on a usual file system', plain],
    ['on a file system that folds case', folded],
  ] as const) {
    it(`stays below its folder, in valid file names, ${name}`, () => {
      fc.assert(
        fc.property(key, (text) => {
          const path = pathOfKey(text, options);
          assert.equal(normalize(`/root/${path}`), `/root/${path}`);
          for (const segment of path.split('/')) {
            assert.ok(segment !== '' && segment !== '.' && segment !== '..');
            assert.ok(Buffer.byteLength(`${segment}.json`) <= 255);
          }
          assert.ok(Buffer.byteLength(path) < 3600);
          if (options.foldSafe) assert.match(path, /^[\x20-\x7e]*$/);
        }),
      );
    });

    it(`can be read back, ${name}`, () => {
      fc.assert(fc.property(key, (text) => assert.equal(readBack(pathOfKey(text, options)), text)));
    });

    it(`is never inside another object's file, ${name}`, () => {
      fc.assert(
        fc.property(key, key, (a, b) => {
          const [x, y] = [pathOfKey(a, options), pathOfKey(b, options)];
          if (a !== b) assert.notEqual(fold(x, options), fold(y, options));
          assert.ok(!fold(y, options).startsWith(`${fold(x, options)}/`));
          assert.ok(!`${y}.json`.startsWith(`${x}.json/`));
        }),
      );
    });
  }

  it('is in the folder of its prefix', () => {
    fc.assert(
      fc.property(key, (text) => {
        const prefix = text.slice(0, text.lastIndexOf('/') + 1);
        const folder = folderOfPrefix(prefix, plain);
        assert.ok(folder === '' || pathOfKey(text, plain).startsWith(`${folder}/`));
      }),
    );
  });
});

describe('the order of keys', () => {
  it('is the order of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        assert.equal(Math.sign(compareKeys(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});

/** What a case-insensitive, normalizing file system compares; on the others names are what they are. */
function fold(path: string, options: { foldSafe: boolean }): string {
  return options.foldSafe ? path.normalize('NFC').toLowerCase() : path;
}

function readBack(path: string): string {
  const names = path.split('/');
  const segments: string[] = [];
  let pieces: string[] = [];
  names.forEach((name, at) => {
    const entry = readEntry(pieces, name, at < names.length - 1);
    if (entry.kind === 'cut') {
      pieces.push(name);
      return;
    }
    segments.push(entry.segment);
    pieces = [];
  });
  return segments.join('/');
}
