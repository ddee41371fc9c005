import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Ban {
  readonly pattern: RegExp;
  readonly instead: string;
  readonly files: string;
  /** Files, or folders, in which it is right; why. */
  readonly allowed: Readonly<Record<string, string>>;
}

const bans: readonly Ban[] = [
  {
    pattern: /\b(?:log|messages)\.(?:debug|info|warn|error)\(\s*\{(?:[^}]*,)?\s*error\s*[,}:]/gi,
    instead: 'log.error({ err: error }, ...): only `err` is printed with its message and stack',
    files: 'src/**/*.ts',
    allowed: {},
  },
  {
    pattern: /\bconsole\.\w+/g,
    instead: 'the log (support/log.ts), or the terminal that commands are given (cli/terminal.ts)',
    files: 'src/**/*.ts',
    allowed: {
      'src/services/lambda/runtime/bootstrap/': "runs in the function's process, whose console it is",
    },
  },
  {
    pattern: /\.message\.(?:includes|startsWith|endsWith|match)\(|\.message [!=]== ['`][^'`]/g,
    instead: 'a class or a code of the error: texts are for people',
    files: 'src/**/*.ts',
    allowed: {},
  },
  {
    pattern: /\bDate\.now\(|\bnew Date\(\)/g,
    instead: 'the Clock that is handed in (support/clock.ts)',
    files: 'src/**/*.ts',
    allowed: {
      'src/support/clock.ts': 'the clock itself',
      'src/console/pages/': 'runs in a browser',
      'src/cli/': 'a command runs in the real time of its user',
      'src/data-folder/owner-mark.ts': 'shown to people: since when an owner holds the folder',
      'src/http/': 'the Date header, and the validity of a certificate, as clients see them',
      'src/services/lambda/runtime/': 'deadlines that another process compares with its own clock',
    },
  },
  {
    pattern: /\bmkdtemp(?:Sync)?\(/g,
    instead: 'temporaryFolder() of test/support',
    files: 'test/**/*.ts',
    allowed: {
      'test/support/temporary-folder.ts': 'the helper itself',
    },
  },
  {
    // In a loop that asks, a pause is right: until() has it.
    pattern:
      /(?:while|for) \([^{;]*(?:;[^{;]*){0,2}\)\s*\{?\s*await (?:(?:sleep|setTimeout|delay)\(|new Promise\(\(\w+\) => setTimeout\()/g,
    instead: 'until() of test/support',
    files: 'test/**/*.test.ts',
    allowed: {},
  },
  {
    // What a busy machine does in that time is anybody's guess.
    pattern: /\.run\([^()]*AbortSignal\.timeout\(/g,
    instead: 'a phase that ends when enough was done, as MixedLoad.runFor()',
    files: 'test/**/*.ts',
    allowed: {},
  },
  {
    // Handles, tokens and ids that users pass to commands. In base64url one of 64 begins with a hyphen.
    pattern: /toString\('base64url'\)/g,
    instead: "'base64' or 'hex'",
    files: 'src/**/*.ts',
    allowed: {
      'src/auth/keys/derived-credentials.ts': 'in the environment of functions',
      'src/console/': 'in cookies and headers',
      'src/server/equal-settings.ts': 'between machines',
      'src/services/lambda/events/event-invoke-config.ts': 'begins with a letter or digit',
      'src/services/listlog/': 'in metadata',
      'src/services/logs/': 'begins with a letter or digit',
      'src/services/s3/operations/': 'begins with a letter or digit',
    },
  },
  {
    pattern: /withinMs: (?:\d{1,4}|1?\d_\d{3})\b/g,
    instead: 'the 20 seconds of until(), or more: on a busy machine a process takes seconds to start',
    files: 'test/**/*.ts',
    allowed: {
      'test/engine/kafka/brokers.suite.ts': 'nothing may happen meanwhile',
      'test/cluster/clients/programs.ts': 'after which it does more, and asks again',
    },
  },
  {
    // What runs once runs cold, and on a busy machine twice as long as the other once.
    pattern: /threadCpuUsage\(|process\.cpuUsage\(/g,
    instead: 'counted work, or processorMsOf() of test/support with a bound far above it',
    files: 'test/**/*.ts',
    allowed: {
      'test/support/processor-time.ts': 'has it for all others',
    },
  },
  {
    pattern: /(?:performance|Date)\.now\(\) - \w+ <|hrtime\.bigint\(\) - \w+ </g,
    instead: 'a condition, a clock that the test moves, or processorMsOf() of test/support',
    files: 'test/**/*.ts',
    allowed: {
      'test/engine/shared/member.test.ts': 'the other way takes ten times as long',
      'test/examples/demo.suite.ts': 'the promise of the demo',
      'test/http/forwarder.test.ts': 'the other way takes half a minute or more',
      'test/http/streaming.test.ts': 'the other way takes twice as long',
      'test/server/telemetry.test.ts': 'the other way takes two minutes',
      'test/services/lambda/runtime/failures.test.ts': 'the other way takes a minute',
      'test/services/sqs/standard-queue.test.ts': 'the other way takes 20 seconds',
      'test/services/sqs/waiting-polls.test.ts': 'the other way takes 20 seconds',
    },
  },
];

for (const { pattern, instead, files, allowed } of bans) {
  test(`none of ${String(pattern)}: ${instead}`, () => {
    const found: string[] = [];
    for (const file of globSync(files, { cwd: root })) {
      const isAllowed = Object.keys(allowed).some((prefix) => file.startsWith(prefix));
      if (isAllowed || file === 'test/tidy.test.ts') continue;
      const text = readFileSync(`${root}/${file}`, 'utf8');
      for (const { index, 0: match } of text.matchAll(pattern)) {
        const line = text.slice(0, index).split('\n').length;
        found.push(`${file}:${line}: ${match}`);
      }
    }
    assert.deepEqual(found, [], instead);
  });
}

test('each exception is needed', () => {
  for (const { pattern, files, allowed } of bans) {
    const matching = globSync(files, { cwd: root }).filter(
      (file) => readFileSync(`${root}/${file}`, 'utf8').search(pattern) !== -1,
    );
    for (const prefix of Object.keys(allowed)) {
      const isNeeded = matching.some((file) => file.startsWith(prefix));
      // Where nothing prints any more, the rule holds for it too.
      assert(isNeeded, `${prefix} has nothing of ${String(pattern)}`);
    }
  }
});
