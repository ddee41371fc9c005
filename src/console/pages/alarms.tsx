import { useState } from 'preact/hooks';
import type { AlarmRow } from '../alarms.ts';
import type { Action } from './actions/index.ts';
import { AlarmDetail } from './alarm-detail.tsx';
import { conditionOf, toneOfState, wordOf } from './alarm-words.ts';
import { session } from './api.ts';
import { ago, number } from './format.ts';
import { linkTo, route, setQuery } from './router.ts';
import { DataTable, Empty, Loading, Perform, Problem, Tag, useLive } from './ui.tsx';

interface Data {
  readonly alarms: readonly AlarmRow[];
  readonly isDenied: boolean;
}

export function Alarms() {
  const { data, problem } = useLive<Data>({ topic: 'alarms' });
  const [action, setAction] = useState<Action>();
  const { name } = route.value.query;
  const chosen = data?.alarms.find((alarm) => alarm.name === name) ?? data?.alarms[0];
  return (
    <>
      <div class="head">
        <h1>Alarms</h1>
        <span class="muted">{data !== undefined && number(data.alarms.length)}</span>
      </div>
      <Problem text={problem} />
      {data === undefined ? (
        problem === undefined && <Loading />
      ) : data.alarms.length === 0 ? (
        <div class="panel">
          <Empty>
            <p>{data.isDenied ? 'Your key may not list alarms.' : 'There are no alarms yet.'}</p>
            <pre class="block">
              {[
                'aws cloudwatch put-metric-alarm --alarm-name orders-lag --namespace AWS/Kinesis \\',
                '  --metric-name GetRecords.IteratorAgeMilliseconds --dimensions Name=StreamName,Value=orders \\',
                '  --statistic Maximum --period 60 --evaluation-periods 3 --threshold 60000 \\',
                '  --comparison-operator GreaterThanThreshold',
              ].join('\n')}
            </pre>
          </Empty>
        </div>
      ) : (
        <div class="stack">
          <div class="panel flush">
            <AlarmTable alarms={data.alarms} chosen={chosen} />
          </div>
          {chosen !== undefined && (
            <AlarmDetail
              key={chosen.name}
              alarm={chosen}
              act={session.value?.mode === 'on' ? setAction : undefined}
            />
          )}
        </div>
      )}
      {action !== undefined && <Perform action={action} close={() => setAction(undefined)} />}
    </>
  );
}

function AlarmTable({
  alarms,
  chosen,
}: {
  readonly alarms: readonly AlarmRow[];
  readonly chosen: AlarmRow | undefined;
}) {
  return (
    <DataTable label="Table of the alarms" columns={['Alarm', 'State', 'Since', 'Watches', 'Actions']}>
      {alarms.map((alarm) => (
        <tr
          key={alarm.name}
          class="link"
          aria-selected={alarm === chosen ? 'true' : undefined}
          onClick={() => setQuery({ name: alarm.name })}
        >
          <td>
            <a href={linkTo(['alarms'], { name: alarm.name })}>{alarm.name}</a>
          </td>
          <td>
            <Tag tone={toneOfState(alarm.state)}>{wordOf(alarm.state)}</Tag>
          </td>
          <td class="nowrap">{ago(alarm.sinceMs)}</td>
          <td>{conditionOf(alarm)}</td>
          <td>{alarm.isMuted ? <Tag tone="warn">muted</Tag> : alarm.hasActions ? 'on' : 'none'}</td>
        </tr>
      ))}
    </DataTable>
  );
}
