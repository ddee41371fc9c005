import { useState } from 'preact/hooks';
import type { ObjectView } from '../objects.ts';
import { type Action, actions } from './actions/index.ts';
import { get, session } from './api.ts';
import { bytes, dateTime, inert, number, zoneName } from './format.ts';
import { JsonText } from './json-text.tsx';
import { setQuery } from './router.ts';
import { CopyButton, Loading, Problem, Tag, useCall } from './ui.tsx';

/** `version` changes when the object does. */
export function ObjectDetail({
  bucket,
  name,
  version,
  isElsewhere,
  act,
}: {
  readonly bucket: string;
  readonly name: string;
  readonly version: number;
  /** It is in another S3. */
  readonly isElsewhere: boolean;
  readonly act: (action: Action) => void;
}) {
  const [part, setPart] = useState<'head' | 'tail'>('head');
  const query = new URLSearchParams({ bucket, key: name }).toString();
  const { data, problem } = useCall(() => get<ObjectView>(`object/${part}?${query}`), [query, part, version]);
  return (
    <aside class="panel detail" aria-label="Object">
      <div class="row">
        <h2 class="grow flat wrap">{inert(name)}</h2>
        <button
          type="button"
          class="quiet"
          aria-label="Close the object"
          onClick={() => setQuery({ key: undefined })}
        >
          ✕
        </button>
      </div>
      <div class="row">
        {!isElsewhere && (
          <a class="button small" href={`api/object/content?${query}`} download>
            Download
          </a>
        )}
        <CopyButton text={`s3://${bucket}/${name}`} label="Copy address" />
        {!isElsewhere && session.value?.mode === 'on' && (
          <button type="button" class="small" onClick={() => act(actions.deleteObject(bucket, name))}>
            Delete …
          </button>
        )}
      </div>
      <Problem text={problem} />
      {data === undefined ? (
        problem === undefined && <Loading />
      ) : (
        <Content object={data} part={part} setPart={setPart} />
      )}
    </aside>
  );
}

function Content({
  object: { sizeBytes, modifiedMs, facts, format, chain, text, shownBytes },
  part,
  setPart,
}: {
  readonly object: ObjectView;
  readonly part: 'head' | 'tail';
  readonly setPart: (part: 'head' | 'tail') => void;
}) {
  const isCut = shownBytes < sizeBytes;
  return (
    <>
      <dl class="facts">
        <dt>Size</dt>
        <dd>
          {bytes(sizeBytes)} ({number(sizeBytes)} bytes)
        </dd>
        <dt>Changed</dt>
        <dd>
          {dateTime(modifiedMs).slice(0, 19)} ({zoneName()})
        </dd>
        {facts.map(([fact, value]) => (
          <>
            <dt>{fact}</dt>
            <dd>{inert(value)}</dd>
          </>
        ))}
      </dl>
      <div class="row">
        <span class="seg" role="group" aria-label="Part">
          <button type="button" aria-pressed={part === 'head'} onClick={() => setPart('head')}>
            Beginning
          </button>
          <button type="button" aria-pressed={part === 'tail'} onClick={() => setPart('tail')}>
            End
          </button>
        </span>
        {chain.map((step) => (
          <Tag key={step} tone="accent">
            {step}
          </Tag>
        ))}
        <Tag>{format}</Tag>
        {text !== '' && <CopyButton text={text} />}
      </div>
      {text !== '' && (
        <pre class="block payload" tabIndex={0} aria-label="Content">
          {format === 'json' ? <JsonText text={text} /> : inert(text)}
        </pre>
      )}
      {isCut && (
        <p class="small muted">
          {part === 'head' ? 'The first' : 'The last'} {bytes(shownBytes)} of {bytes(sizeBytes)}. Download it
          to see the rest.
        </p>
      )}
    </>
  );
}
