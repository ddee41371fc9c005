import { type Tags, type TagRules, tagsOf, withTags } from '../../../aws/tags.ts';
import { parseArn } from '../../../aws/arn.ts';
import { awsLimits } from '../../../aws/limits.ts';
import type { Alarm } from './alarm.ts';
import type { Alarms } from './alarms.ts';
import { resourceNotFoundException, validationError } from '../errors.ts';

const rules: TagRules = {
  max: awsLimits.tagsMax,
  duplicateKey: (key) => validationError(`The tag key ${key} occurs more than once.`),
  reservedKey: (key) => validationError(`The tag key ${key} is reserved: keys must not begin with aws:.`),
  invalidCharacters: () => validationError('Some tags contain invalid characters.'),
  tooMany: (max) => validationError(`An alarm has at most ${max} tags.`),
};

/** Throws ValidationError for tags that break a rule. */
export function withAlarmTags(
  present: Tags,
  added: readonly { readonly Key: string; readonly Value: string }[],
): Tags {
  return withTags(present, tagsOf(added, rules), rules);
}

/** The name of the alarm that an ARN of the tagging operations names. Throws ValidationError. */
export function alarmNameOf(arn: string): string {
  const { service, resource } = parseArn(arn) ?? {};
  if (service === 'cloudwatch' && resource?.startsWith('alarm:') === true)
    return resource.slice('alarm:'.length);
  throw validationError(`Invalid resource ARN: ${arn}; nagare tags alarms only.`);
}

/** The alarm that an ARN of the tagging operations names. Throws ValidationError, ResourceNotFoundException. */
export function taggedAlarm(alarms: Alarms, arn: string): Alarm {
  const name = alarmNameOf(arn);
  const alarm = alarms.get(name);
  if (alarm === undefined) throw resourceNotFoundException('alarm', name);
  return alarm;
}
