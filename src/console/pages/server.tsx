import type { ServerView } from '../server-view.ts';
import { session } from './api.ts';
import { DemoButton, RemoveDemoButton } from './demo-button.tsx';
import { endpoint, environmentLines } from './environment.ts';
import { ago, bytes, dateTime, number } from './format.ts';
import { SupportButton } from './support-button.tsx';
import { CopyButton, DataTable, Facts, Problem, Tag, useLive } from './ui.tsx';

export function Server() {
  const { data, problem } = useLive<ServerView>({ topic: 'server' });
  return (
    <>
      <div class="head">
        <h1>Server</h1>
        {data !== undefined && (
          <Tag tone={data.problems.length > 0 ? 'bad' : data.warnings.length > 0 ? 'warn' : 'good'}>
            {data.problems.length > 0 ? 'degraded' : data.warnings.length > 0 ? 'warnings' : 'healthy'}
          </Tag>
        )}
        <span class="grow" />
        <SupportButton />
        <DemoButton />
        <RemoveDemoButton />
      </div>
      <Problem text={problem} />
      <div class="stack">
        <div class="two">
          <ServerFacts data={data} />
          <Environment />
        </div>
        {data !== undefined && (
          <>
            <Health data={data} />
            <Disk data={data} />
            <Settings data={data} />
          </>
        )}
      </div>
    </>
  );
}

function ServerFacts({ data }: { readonly data: ServerView | undefined }) {
  const { region, accountId, version, auth, mode } = session.value ?? {};
  const facts: (readonly [string, string])[] = [
    ['Endpoint', endpoint],
    ['Version', version ?? ''],
    ['Region', region ?? ''],
    ['Account', accountId ?? ''],
    ['Signatures', auth === 'required' ? 'required' : 'not checked'],
    ['Console', mode ?? ''],
  ];
  if (data !== undefined) {
    facts.push(['Node.js', data.node]);
    facts.push(['Started', `${dateTime(data.startedMs).slice(0, 19)} (${ago(data.startedMs)})`]);
  }
  return (
    <section class="panel" aria-labelledby="facts">
      <h2 id="facts">This server</h2>
      <Facts facts={facts} />
    </section>
  );
}

function Environment() {
  const text = environmentLines().join('\n');
  return (
    <section class="panel" aria-labelledby="environment">
      <div class="row">
        <h2 id="environment" class="grow">
          For the AWS CLI and SDKs
        </h2>
        <CopyButton text={text} />
      </div>
      <pre class="block">{text}</pre>
    </section>
  );
}

function Health({ data: { problems, warnings } }: { readonly data: ServerView }) {
  return (
    <section class="panel" aria-labelledby="health">
      <h2 id="health">Problems and warnings</h2>
      {problems.length + warnings.length === 0 ? (
        <p class="muted">None.</p>
      ) : (
        <ul>
          {problems.map(({ message }) => (
            <li key={message}>
              <Tag tone="bad">problem</Tag> {message}
            </li>
          ))}
          {warnings.map((warning) => (
            <li key={warning}>
              <Tag tone="warn">warning</Tag> {warning}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const PARTS: Readonly<Record<string, string>> = {
  engine: 'records, messages and the metadata of everything',
  objects: 'contents of objects',
  functions: 'code and logs of functions',
  keys: 'the master key and the root key',
  lock: 'which process has the folder',
};

function Disk({ data: { disk } }: { readonly data: ServerView }) {
  return (
    <section class="panel flush" aria-labelledby="disk">
      <h2 id="disk">Disk</h2>
      <p class="padded small">
        <code>{disk.folder}</code>: {bytes(disk.freeBytes)} of {bytes(disk.totalBytes)} are free
      </p>
      <DataTable
        label="Table of the parts of the data folder"
        columns={['Part', 'Contains', { number: 'Files' }, { number: 'Size' }]}
      >
        {disk.parts.map(({ name, files, bytes: size, isWhole }) => (
          <tr key={name}>
            <td class="mono">{name}</td>
            <td>{PARTS[name]}</td>
            <td class="num">
              {isWhole ? '' : 'more than '}
              {number(files)}
            </td>
            <td class="num">
              {isWhole ? '' : 'more than '}
              {bytes(size)}
            </td>
          </tr>
        ))}
      </DataTable>
    </section>
  );
}

function Settings({ data: { settings } }: { readonly data: ServerView }) {
  const ownFirst = settings.toSorted((left, right) => rank(left.origin) - rank(right.origin));
  return (
    <section class="panel flush" aria-labelledby="settings">
      <h2 id="settings">Settings</h2>
      <DataTable label="Table of the settings" columns={['Setting', 'Value', 'From']}>
        {ownFirst.map(({ name, text, origin }) => (
          <tr key={name}>
            <td class="mono">{name}</td>
            <td class="mono">{text}</td>
            <td class={rank(origin) === 1 ? 'muted' : 'mono'}>{origin}</td>
          </tr>
        ))}
      </DataTable>
    </section>
  );
}

function rank(origin: string): number {
  return origin === 'the default' ? 1 : 0;
}
