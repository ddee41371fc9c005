import { useState } from 'preact/hooks';
import type { BucketsView, ObjectsView } from '../buckets.ts';
import { firstSteps } from './actions/first-steps.ts';
import type { Action } from './actions/index.ts';
import { ago, bytes, dateTime, inert, number } from './format.ts';
import { ObjectDetail } from './object-detail.tsx';
import { go, linkTo, route, setQuery } from './router.ts';
import { DataTable, Empty, FirstSteps, Loading, Perform, Problem, useLive } from './ui.tsx';

export function Objects({ bucket }: { readonly bucket: string | undefined }) {
  return bucket === undefined ? <Buckets /> : <Bucket bucket={bucket} />;
}

function Buckets() {
  const { q = '', token = '' } = route.value.query;
  const { data, problem } = useLive<BucketsView>({ topic: 'buckets', prefix: q, token });
  return (
    <>
      <div class="head">
        <h1>Objects</h1>
        <span class="grow" />
        <input
          type="search"
          data-search
          aria-label="Beginning of the bucket's name"
          placeholder="Bucket begins with  ( / )"
          value={q}
          onInput={(event) => setQuery({ q: event.currentTarget.value, token: undefined })}
        />
      </div>
      <Problem text={problem} />
      <Elsewhere elsewhere={data?.elsewhere} />
      <div class="panel flush">
        {data === undefined ? (
          <Awaited problem={problem} />
        ) : data.buckets.length === 0 ? (
          <NoBuckets data={data} isFiltered={q !== ''} />
        ) : (
          <DataTable label="Table of the buckets" columns={['Bucket', 'Created']}>
            {data.buckets.map(({ name, createdMs }) => (
              <tr key={name} class="link" onClick={() => go(linkTo(['objects', name]))}>
                <td>
                  <a href={linkTo(['objects', name])}>{name}</a>
                </td>
                <td>{dateTime(createdMs).slice(0, 19)}</td>
              </tr>
            ))}
          </DataTable>
        )}
      </div>
      <Pages next={data?.next} />
    </>
  );
}

/** Says that another S3 has the objects. */
function Elsewhere({ elsewhere }: { readonly elsewhere: BucketsView['elsewhere'] }) {
  if (elsewhere === undefined) return null;
  const { endpoint, problem } = elsewhere;
  return (
    <>
      <p class="note">
        The objects of this server are in another S3, <code>{endpoint}</code> (<code>--s3-endpoint</code>). It
        is asked with the server's key. Download and delete them there.
      </p>
      <Problem text={problem === undefined ? undefined : `${endpoint} shows nothing: ${problem}`} />
    </>
  );
}

function NoBuckets({
  data: { isDenied, elsewhere },
  isFiltered,
}: {
  readonly data: BucketsView;
  readonly isFiltered: boolean;
}) {
  if (isDenied) {
    return (
      <Empty>
        <p>Your key may list no buckets.</p>
      </Empty>
    );
  }
  if (elsewhere !== undefined) {
    return (
      <Empty>
        <p>{isFiltered ? 'No bucket begins like this.' : 'It lists no buckets.'}</p>
      </Empty>
    );
  }
  return (
    <Empty>
      <p>{isFiltered ? 'No bucket begins like this.' : 'There are no buckets yet.'}</p>
      {!isFiltered && <FirstSteps commands={firstSteps.bucket()} />}
    </Empty>
  );
}

/** A page has a token instead of a number: the way back is that of the browser. */
function Pages({ next }: { readonly next: string | undefined }) {
  const { path, query } = route.value;
  const { token } = query;
  if (next === undefined && token === undefined) return null;
  const to = (page: string | undefined): void => go(linkTo(path, { ...query, token: page, key: undefined }));
  return (
    <div class="row pages">
      <button type="button" disabled={token === undefined} onClick={() => to(undefined)}>
        First page
      </button>
      <button type="button" disabled={next === undefined} onClick={() => to(next)}>
        Next page
      </button>
    </div>
  );
}

function Bucket({ bucket }: { readonly bucket: string }) {
  const { prefix = '', token = '', key } = route.value.query;
  const { data, problem } = useLive<ObjectsView>({ topic: 'objects', bucket, prefix, token });
  const [action, setAction] = useState<Action>();
  return (
    <>
      <div class="head">
        <Crumbs bucket={bucket} prefix={prefix} />
        <span class="grow" />
        <input
          type="search"
          data-search
          aria-label="Beginning of the key"
          placeholder="Key begins with  ( / )"
          value={prefix}
          onInput={(event) =>
            setQuery({ prefix: event.currentTarget.value, token: undefined, key: undefined })
          }
        />
      </div>
      <Problem text={problem} />
      <Elsewhere elsewhere={data?.elsewhere} />
      <div class={`records ${key === undefined ? '' : 'open'}`}>
        <div class="stack">
          <div class="panel flush">
            {data === undefined ? (
              <Awaited problem={problem} />
            ) : (
              <List bucket={bucket} prefix={prefix} data={data} chosen={key} />
            )}
          </div>
          <Pages next={data?.next} />
        </div>
        {key !== undefined && (
          <ObjectDetail
            key={key}
            bucket={bucket}
            name={key}
            isElsewhere={data?.elsewhere !== undefined}
            version={data?.objects.find((object) => object.key === key)?.modifiedMs ?? 0}
            act={setAction}
          />
        )}
      </div>
      {action !== undefined && (
        <Perform
          action={action}
          close={(isDone) => {
            setAction(undefined);
            if (isDone) setQuery({ key: undefined });
          }}
        />
      )}
    </>
  );
}

function Crumbs({ bucket, prefix }: { readonly bucket: string; readonly prefix: string }) {
  const parts = prefix.split('/').slice(0, -1);
  const slash = (
    <span class="muted" aria-hidden="true">
      /
    </span>
  );
  return (
    <>
      <p class="crumb">
        <a href="#/objects">Objects</a> {slash}
      </p>
      <h1>{parts.length === 0 ? bucket : <a href={linkTo(['objects', bucket])}>{bucket}</a>}</h1>
      {parts.map((part, at) => {
        const before = `${parts.slice(0, at + 1).join('/')}/`;
        return (
          <p class="crumb" key={before}>
            {slash}{' '}
            {before === prefix ? (
              <b>{inert(part)}</b>
            ) : (
              <a href={linkTo(['objects', bucket], { prefix: before })}>{inert(part)}</a>
            )}
          </p>
        );
      })}
    </>
  );
}

function List({
  bucket,
  prefix,
  data,
  chosen,
}: {
  readonly bucket: string;
  readonly prefix: string;
  readonly data: ObjectsView;
  readonly chosen: string | undefined;
}) {
  if (data.isDenied) {
    return (
      <Empty>
        <p>There is no bucket {bucket}, or your key may not list it.</p>
      </Empty>
    );
  }
  if (data.prefixes.length + data.objects.length === 0) {
    return (
      <Empty>
        <p>{prefix === '' ? 'The bucket is empty.' : 'No key begins like this.'}</p>
        {prefix === '' && data.elsewhere === undefined && <FirstSteps commands={firstSteps.object(bucket)} />}
      </Empty>
    );
  }
  // What the reader has typed of a name is not repeated on each line.
  const from = prefix.lastIndexOf('/') + 1;
  return (
    <DataTable label="Table of the objects" columns={['Name', { number: 'Size' }, 'Changed']}>
      {data.prefixes.map((one) => (
        <tr key={one} class="link" onClick={() => go(linkTo(['objects', bucket], { prefix: one }))}>
          <td colSpan={3}>
            <a href={linkTo(['objects', bucket], { prefix: one })}>
              <span aria-hidden="true">▸ </span>
              {inert(one.slice(from))}
            </a>
          </td>
        </tr>
      ))}
      {data.objects.map(({ key, sizeBytes, modifiedMs }) => (
        <tr
          key={key}
          class="link"
          aria-selected={key === chosen ? 'true' : undefined}
          onClick={() => setQuery({ key })}
        >
          <td class="wrap">
            <a href={linkTo(['objects', bucket], { ...route.value.query, key })}>{inert(key.slice(from))}</a>
          </td>
          <td class="num" title={`${number(sizeBytes)} bytes`}>
            {bytes(sizeBytes)}
          </td>
          <td class="nowrap" title={dateTime(modifiedMs).slice(0, 19)}>
            {ago(modifiedMs)}
          </td>
        </tr>
      ))}
    </DataTable>
  );
}

/** In place of what has not come; its problem is shown elsewhere. */
function Awaited({ problem }: { readonly problem: string | undefined }) {
  if (problem !== undefined) return null;
  return (
    <Empty>
      <Loading />
    </Empty>
  );
}
