import type { Alarm } from './alarm.ts';
import type { Alarms } from './alarms.ts';
import { resourceNotFoundException, validationError } from '../errors.ts';

/** The alarm that an ARN of the tagging operations names. */
export function taggedAlarm(alarms: Alarms, arn: string): Alarm {
  const [, name] = /^arn:[^:]+:cloudwatch:[^:]*:[^:]*:alarm:(.+)$/.exec(arn) ?? [];
  if (name === undefined) throw validationError(`Invalid resource ARN: ${arn}; nagare tags alarms only.`);
  const alarm = alarms.get(name);
  if (alarm === undefined) throw resourceNotFoundException('alarm', name);
  return alarm;
}
