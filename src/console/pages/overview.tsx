import type { Overview as OverviewData, Problem } from '../overview.ts';
import { bytes, duration, number } from './format.ts';
import { linkTo } from './router.ts';
import { CreateStream } from './create-stream.tsx';
import { DemoButton } from './demo-button.tsx';
import { environmentLines } from './environment.ts';
import { useState } from 'preact/hooks';
import { Empty, Icon, Loading, Problem as ProblemNote, Spark, Stat, Tag, useLive } from './ui.tsx';

export function Overview() {
  const { data, problem } = useLive<OverviewData>({ topic: 'overview' });
  return (
    <>
      <div class="head">
        <h1>Overview</h1>
      </div>
      <ProblemNote text={problem} />
      {data === undefined ? problem === undefined && <Loading /> : <Content data={data} />}
    </>
  );
}

function Content({ data }: { readonly data: OverviewData }) {
  const { rates, counts, slowest } = data;
  if (counts.streams === 0 && data.problems.length === 0) return <FirstSteps />;
  return (
    <div class="stack">
      <Verdict data={data} />
      {data.problems.length > 0 && (
        <section class="panel flush" aria-label="Problems">
          <ul class="problems">
            {data.problems.map((one) => (
              <Row key={`${one.title} ${one.link}`} problem={one} />
            ))}
          </ul>
        </section>
      )}
      <div class="grid">
        <Stat
          label="Put"
          value={`${number(rates.putRecords)} /s`}
          detail={`${bytes(rates.putBytes)} a second`}
        >
          <Spark values={data.history} width={180} height={36} />
        </Stat>
        <Stat
          label="Read"
          value={`${number(rates.readRecords)} /s`}
          detail="by GetRecords and SubscribeToShard"
        />
        <Stat
          label="Slowest reader"
          value={
            slowest === undefined ? 'none' : slowest.ageMs === 0 ? 'at the tail' : duration(slowest.ageMs)
          }
          detail={
            slowest === undefined ? (
              'nobody reads yet'
            ) : (
              <a href={linkTo(['streams', slowest.stream, 'readers'])}>of {slowest.stream}</a>
            )
          }
        />
        <Stat label="Streams" value={number(counts.streams)} detail={`${number(counts.shards)} shards`} />
      </div>
      <section class="panel flush" aria-labelledby="busiest">
        <h2 id="busiest">Busiest streams now</h2>
        {data.busiest.length === 0 ? (
          <Empty>
            <p>Nothing is put at the moment.</p>
          </Empty>
        ) : (
          <table>
            <thead>
              <tr>
                <th>Stream</th>
                <th class="num">Records a second</th>
                <th class="num">Bytes a second</th>
              </tr>
            </thead>
            <tbody>
              {data.busiest.map(({ name, putRecords, putBytes }) => (
                <tr key={name}>
                  <td>
                    <a href={linkTo(['streams', name])}>{name}</a>
                  </td>
                  <td class="num">{number(putRecords)}</td>
                  <td class="num">{bytes(putBytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </div>
  );
}

function Verdict({ data }: { readonly data: OverviewData }) {
  const [worst] = data.problems;
  const others = data.problems.length - 1;
  const tone = worst === undefined ? 'good' : worst.severity === 'broken' ? 'bad' : 'warn';
  return (
    <p class={`banner ${tone}`} role="status">
      <Icon name={tone === 'good' ? 'good' : 'bad'} size={24} />
      {worst === undefined
        ? 'All is well: no alarm, no failing mapping, no slow reader.'
        : `${worst.title}${others > 0 ? `, and ${others} more ${others === 1 ? 'problem' : 'problems'}` : ''}.`}
    </p>
  );
}

function Row({ problem: { severity, title, detail, link } }: { readonly problem: Problem }) {
  return (
    <li>
      <a href={link}>
        <Tag tone={severity === 'broken' ? 'bad' : 'warn'}>{severity}</Tag>
        <span>
          {title}
          <small>{detail}</small>
        </span>
        <span aria-hidden="true">→</span>
      </a>
    </li>
  );
}

function FirstSteps() {
  const [isOpen, setOpen] = useState(false);
  const commands = [
    ...environmentLines(),
    'aws kinesis create-stream --stream-name orders --shard-count 2',
    'aws kinesis put-record --stream-name orders --partition-key k --cli-binary-format raw-in-base64-out --data \'{"hello":1}\'',
  ];
  return (
    <div class="panel">
      <Empty>
        <Icon name="streams" size={40} />
        <h2>The server is ready, and has no streams yet</h2>
        <p>Create one here, or with these commands (with AWS CLI 1, omit --cli-binary-format):</p>
        <pre class="block">{commands.join('\n')}</pre>
        <div class="row">
          <button type="button" class="primary" onClick={() => setOpen(true)}>
            Create a stream
          </button>
          <DemoButton />
        </div>
      </Empty>
      {isOpen && <CreateStream close={() => setOpen(false)} />}
    </div>
  );
}
