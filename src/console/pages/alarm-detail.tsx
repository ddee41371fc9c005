import type { AlarmRow } from '../alarms.ts';
import { AlarmGraph } from './alarm-graph.tsx';
import { type Action, actions } from './actions/index.ts';
import { conditionOf, toneOfState, wordOf } from './alarm-words.ts';
import { call } from './api.ts';
import { dateTime } from './format.ts';
import { DataTable, Problem, Tag, useCall } from './ui.tsx';

interface HistoryItem {
  readonly Timestamp?: number;
  readonly HistoryItemType?: string;
  readonly HistorySummary?: string;
}

export function AlarmDetail({
  alarm,
  act,
}: {
  readonly alarm: AlarmRow;
  readonly act: ((action: Action) => void) | undefined;
}) {
  const { name, metric, state, reason, sinceMs, isMuted } = alarm;
  const history = useCall(
    () =>
      call<{ AlarmHistoryItems?: HistoryItem[] }>('monitoring', 'DescribeAlarmHistory', {
        AlarmName: name,
        MaxRecords: 30,
      }),
    [name, sinceMs, isMuted],
  );
  return (
    <div class="two">
      <section class="panel stack" aria-labelledby="alarm-name">
        <div class="row">
          <h2 id="alarm-name" class="grow">
            {name}
          </h2>
          <Tag tone={toneOfState(state)}>{wordOf(state)}</Tag>
          {act !== undefined && (
            <>
              <button type="button" class="small" onClick={() => act(actions.testAlarm(name))}>
                Test …
              </button>
              <button
                type="button"
                class="small"
                onClick={() => act(isMuted ? actions.unmuteAlarm(name) : actions.muteAlarm(name))}
              >
                {isMuted ? 'Unmute …' : 'Mute …'}
              </button>
            </>
          )}
        </div>
        <p class="muted small">{conditionOf(alarm)}</p>
        <p class="small">{reason}</p>
        {metric !== undefined && <AlarmGraph alarm={alarm} metric={metric} />}
      </section>
      <section class="panel flush" aria-labelledby="alarm-history">
        <h2 id="alarm-history">History</h2>
        <Problem text={history.problem} />
        <DataTable label="Table of what happened" columns={['Time', 'What happened']}>
          {(history.data?.AlarmHistoryItems ?? []).map((item, at) => (
            <tr key={at}>
              <td class="mono nowrap">{dateTime((item.Timestamp ?? 0) * 1000).slice(0, 19)}</td>
              <td>{item.HistorySummary}</td>
            </tr>
          ))}
        </DataTable>
      </section>
    </div>
  );
}
