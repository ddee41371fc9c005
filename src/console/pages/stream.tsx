import { useState } from 'preact/hooks';
import { actions } from './actions/index.ts';
import { session } from './api.ts';
import { DataPath } from './data-path.tsx';
import { number } from './format.ts';
import { PutRecord } from './put-record.tsx';
import { Readers } from './readers.tsx';
import { Records } from './records.tsx';
import { go, linkTo } from './router.ts';
import { Shards } from './shards.tsx';
import { StreamSettings, type StreamSettingsNow } from './stream-settings.tsx';
import { StreamMetrics } from './stream-metrics.tsx';
import { Perform, Problem, Tag, useLive } from './ui.tsx';

interface StreamSummary extends StreamSettingsNow {
  readonly status: string;
  readonly createdMs: number;
  readonly isEncrypted: boolean;
  readonly shardIds: readonly string[];
  readonly rates: { readonly putRecords: number; readonly putBytes: number };
}

const TABS = [
  ['records', 'Records'],
  ['readers', 'Readers'],
  ['shards', 'Shards'],
  ['metrics', 'Metrics'],
] as const;

export function Stream({ name, tab }: { readonly name: string; readonly tab: string }) {
  const { data, problem } = useLive<StreamSummary>({ topic: 'stream', stream: name });
  const [action, setAction] = useState<'put' | 'settings' | 'delete'>();
  const close = (): void => setAction(undefined);
  return (
    <>
      <div class="head">
        <p class="crumb">
          <a href="#/streams">Streams</a> <span aria-hidden="true">/</span>
        </p>
        <h1>{name}</h1>
        {data !== undefined && (
          <>
            <Tag tone={data.status === 'ACTIVE' ? 'good' : 'warn'}>{data.status.toLowerCase()}</Tag>
            <span class="muted small">
              {number(data.openShards)} {data.openShards === 1 ? 'shard' : 'shards'}
              {data.mode === 'ON_DEMAND' ? ', on demand' : ''} · {number(data.rates.putRecords)} records/s
              {data.isEncrypted ? ' · encrypted' : ''}
            </span>
          </>
        )}
        <span class="grow" />
        {session.value?.mode === 'on' && data !== undefined && (
          <div class="row">
            <button type="button" onClick={() => setAction('put')}>
              Put a record
            </button>
            <button type="button" onClick={() => setAction('settings')}>
              Change …
            </button>
            <button type="button" onClick={() => setAction('delete')}>
              Delete …
            </button>
          </div>
        )}
      </div>
      <Problem text={problem} />
      <DataPath stream={name} />
      <nav class="tabs" aria-label={`Views of ${name}`}>
        {TABS.map(([id, title]) => (
          <a key={id} href={linkTo(['streams', name, id])} aria-current={tab === id ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      {data !== undefined && tab === 'records' && <Records stream={name} shardIds={data.shardIds} />}
      {tab === 'readers' && <Readers stream={name} />}
      {tab === 'shards' && <Shards stream={name} />}
      {tab === 'metrics' && <StreamMetrics stream={name} />}
      {action === 'put' && <PutRecord stream={name} close={close} />}
      {action === 'settings' && data !== undefined && <StreamSettings stream={data} close={close} />}
      {action === 'delete' && (
        <Perform
          action={actions.deleteStream(name)}
          close={(isDone) => {
            close();
            if (isDone) go('#/streams');
          }}
        />
      )}
    </>
  );
}
