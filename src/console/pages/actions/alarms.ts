import { quoted } from '../../../support/shell-word.ts';
import type { Action } from './action.ts';

const REASON = 'Tested from the console';

export const alarmActions = {
  testAlarm: (name: string): Action => ({
    title: `Test ${name}`,
    verb: 'Set it to ALARM',
    says: 'Its actions are carried out as if the metric had crossed the threshold. At the next evaluation it gets its own state again.',
    commands: [
      `nagare alarm test ${quoted(name)}`,
      `aws cloudwatch set-alarm-state --alarm-name ${quoted(name)} --state-value ALARM --state-reason '${REASON}'`,
    ],
    call: ['monitoring', 'SetAlarmState', { AlarmName: name, StateValue: 'ALARM', StateReason: REASON }],
  }),
  muteAlarm: (name: string): Action => ({
    title: `Mute ${name}`,
    verb: 'Mute',
    says: 'It goes on to change its state, but carries out no action.',
    commands: [
      `nagare alarm mute ${quoted(name)}`,
      `aws cloudwatch disable-alarm-actions --alarm-names ${quoted(name)}`,
    ],
    call: ['monitoring', 'DisableAlarmActions', { AlarmNames: [name] }],
  }),
  unmuteAlarm: (name: string): Action => ({
    title: `Unmute ${name}`,
    verb: 'Unmute',
    says: 'It carries out its actions again.',
    commands: [
      `nagare alarm unmute ${quoted(name)}`,
      `aws cloudwatch enable-alarm-actions --alarm-names ${quoted(name)}`,
    ],
    call: ['monitoring', 'EnableAlarmActions', { AlarmNames: [name] }],
  }),
} as const;
