import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { MetricRegistry } from '../../src/metrics.ts';
import { metricsHandler } from '../../src/server/metrics.ts';
import { familyOf, isFormerName } from '../../src/telemetry/families.ts';
import type { HttpRequest } from '../../src/http/message.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const health = () => Promise.resolve({ status: 'ok', version: '', problems: [], warnings: [] } as const);

/** Every sample name that /metrics can have: those of docs/metrics.md, which a test keeps accurate, and the server's own. */
async function knownNames(): Promise<ReadonlySet<string>> {
  const names = new Set<string>(['up']);
  for (const section of read('docs/metrics.md').split(/^## /m).slice(1)) {
    const [, namespace = '', dimensions = ''] = /^(\S+\/\S+)(?: by (.*))?/.exec(section) ?? [];
    for (const [, listed = '', unit = ''] of section.matchAll(/^\| `([^`]+)` \| (\w+) \|/gm)) {
      const name = listed.replace('<destination>', 'DeliveryToS3');
      const ofShard = dimensions.includes('ShardId') ? [{ name: 'ShardId', value: '' }] : [];
      const family = familyOf({ namespace, name, unit, dimensions: ofShard });
      const suffixes = { counter: ['_total'], gauge: [''], summary: ['_sum', '_count'] }[family.kind];
      for (const suffix of suffixes) names.add(family.name + suffix);
    }
  }
  const registry = new MetricRegistry();
  for (const operation of ['PutRecord', 'PutRecords', 'GetRecords']) registry.latency(operation);
  const request = { query: '', headers: {} } as unknown as HttpRequest; // what the handler reads
  const { body } = await metricsHandler({ registry, health })(request);
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    for (const [, name = ''] of Buffer.from(chunk)
      .toString()
      .matchAll(/^([a-z_]\w*)/gm))
      names.add(name);
  }
  return names;
}

/** What an expression names that can be a metric: functions and labels are left out. */
function metricsIn(expression: string): string[] {
  const withoutLabels = expression.replaceAll(/\{[^}]*\}/g, '').replaceAll(/\b(?:by|on)\s*\([^)]*\)/g, '');
  return [...withoutLabels.matchAll(/\b(?:nagare_\w+|process_\w+|up)\b/g)].map(([name]) => name);
}

test('the alert rules and the dashboard name metrics that exist', async () => {
  const { groups } = parse(read('examples/prometheus/alerts.yml')) as {
    readonly groups: readonly {
      readonly rules: readonly { readonly alert: string; readonly expr: string }[];
    }[];
  };
  const rules = groups.flatMap((group) => group.rules.map(({ expr }) => expr));
  const dashboard = read('examples/grafana/nagare.json');
  const { panels } = JSON.parse(dashboard) as {
    readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
  };
  const charts = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const variables = [...dashboard.matchAll(/label_values\((\w+)/g)].map(([, name = '']) => name);
  const known = await knownNames();
  const named = [...rules, ...charts].map((expression) => ({ expression, names: metricsIn(expression) }));
  assert.deepEqual(
    named.filter(({ names }) => names.length === 0),
    [],
  );
  const used = [...named.flatMap(({ names }) => names), ...variables];
  assert.deepEqual(
    used.filter((name) => !known.has(name)),
    [],
  );
});

test('no two metrics have the same name', () => {
  const seen = new Map<string, string>();
  for (const section of read('docs/metrics.md').split(/^## /m).slice(1)) {
    const [, namespace = '', dimensions = ''] = /^(\S+\/\S+)(?: by (.*))?/.exec(section) ?? [];
    for (const [, name = '', unit = ''] of section.matchAll(/^\| `([^`]+)` \| (\w+) \|/gm)) {
      const ofShard = dimensions.includes('ShardId') ? [{ name: 'ShardId', value: '' }] : [];
      const identity = { namespace, name, unit, dimensions: ofShard };
      if (isFormerName(identity)) continue;
      const family = familyOf(identity).name;
      assert.equal(seen.get(family) ?? `${namespace} ${name}`, `${namespace} ${name}`, family);
      seen.set(family, `${namespace} ${name}`);
    }
  }
});
