import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatFinding,
  formatVerifySummary,
  joinRepairReports,
  joinVerifyReports,
  type Finding,
} from '../../src/support/findings.ts';

const FILE = 'engine/segments/000000000007-0.segment';

test('a finding names first what is affected, and then where it is', () => {
  const finding: Finding = { problem: 'checksum mismatch', subject: 'stream orders', file: FILE, offset: 12 };
  assert.equal(formatFinding(finding), `checksum mismatch: stream orders (${FILE}, byte 12)`);
  assert.equal(formatFinding({ problem: 'the file is missing', file: FILE }), `the file is missing: ${FILE}`);
});

test('a summary counts in singular and plural', () => {
  const checked = [
    ['file', 1],
    ['commit', 79],
    ['record', 0],
  ] as const;
  assert.equal(
    formatVerifySummary({ checked, findings: [] }),
    '1 file, 79 commits, 0 records: no damage found',
  );
  const finding: Finding = { problem: 'checksum mismatch', file: FILE };
  assert.match(formatVerifySummary({ checked, findings: [finding] }), /: 1 problem$/);
  assert.match(formatVerifySummary({ checked, findings: [finding, finding] }), /: 2 problems$/);
});

test('reports of several parts are merged', () => {
  const finding: Finding = { problem: 'checksum mismatch', file: FILE };
  const verified = joinVerifyReports([
    { checked: [['file', 2]], findings: [finding] },
    {
      checked: [
        ['object', 3],
        ['file', 1],
      ],
      findings: [],
    },
  ]);
  assert.equal(formatVerifySummary(verified), '3 files, 3 objects: 1 problem');
  const part = {
    findings: [finding],
    lost: ['a'],
    lostCounts: [['record', 2]] as const,
    kept: ['b'],
    unrepaired: [],
  };
  const repaired = joinRepairReports([part, part]);
  assert.deepEqual(repaired.lostCounts, [['record', 4]]);
  assert.deepEqual(
    [repaired.lost, repaired.kept],
    [
      ['a', 'a'],
      ['b', 'b'],
    ],
  );
});
