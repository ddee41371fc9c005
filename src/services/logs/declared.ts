import { section } from '../../config/declarations.ts';
import {
  described,
  fields,
  namesTo,
  optional,
  type ValueOf,
  variable,
  wholeNumber,
} from '../../config/yaml-reader.ts';
import { isDeepStrictEqual } from 'node:util';
import { differences, type Declarer, type PlanStep } from '../../declarations/plan.ts';
import { compact, type Description } from '../../declarations/description.ts';
import { compileValidator } from '../../protocol/validation.ts';
import api from './api.json' with { type: 'json' };
import type { LogsContext } from './context.ts';
import { invalidParameter } from './errors.ts';
import { checkRetention } from './retention.ts';
import { checkedTags } from './tags.ts';

const logGroup = fields({
  retentionInDays: optional(
    described('For how many days events are kept, as in PutRetentionPolicy', wholeNumber(1)),
  ),
  tags: optional(described('Tags of the log group', namesTo(variable))),
});

export const logGroupsSection = section('logGroups', logGroup);

type DeclaredGroup = ValueOf<typeof logGroup>;

const violationsOf = compileValidator(api, 'CreateLogGroupRequest');

/** Declares the log groups of `nagare.yaml`. A retention or tags that are not declared stay as they are. */
export function logGroupDeclarer(context: LogsContext): Declarer {
  return {
    plan: (declarations) =>
      declarations.entries(logGroupsSection).map(({ name, path, value }) => ({
        resource: ['logGroups', name],
        path,
        check: () => planGroup(context, name, value),
      })),
    describe: () => describeLogGroups(context),
    find: ([, name = '']) =>
      context.logs.row(name) === undefined ? undefined : { remove: () => context.logs.delete(name) },
  };
}

/** Throws InvalidParameterException. */
function planGroup(context: LogsContext, name: string, declared: DeclaredGroup): PlanStep {
  const violations = violationsOf({ logGroupName: name });
  if (violations !== undefined) throw invalidParameter(violations);
  if (declared.retentionInDays !== undefined) checkRetention(declared.retentionInDays);
  checkedTags(context, name, declared.tags ?? {});
  const { logs } = context;
  const present = logs.row(name);
  const retentionDays = declared.retentionInDays ?? present?.retentionDays;
  const tags = declared.tags ?? present?.tags ?? {};
  const update = () => logs.update(name, (row) => ({ ...row, retentionDays, tags }));
  if (present === undefined) {
    return {
      action: 'create',
      async apply() {
        await logs.create(name, tags);
        await update();
      },
    };
  }
  const isSame = present.retentionDays === retentionDays && isDeepStrictEqual(present.tags, tags);
  if (isSame) return { action: 'leave', apply: () => Promise.resolve() };
  const details = differences({
    retentionInDays: [present.retentionDays, retentionDays],
    tags: [present.tags, tags],
  });
  return { action: 'change', details, apply: update };
}

/** All log groups; their streams and events are data. */
export function describeLogGroups({ logs }: LogsContext): Description {
  const rows = [...logs.rows()];
  return {
    sections: {
      logGroups: Object.fromEntries(
        rows.map(({ name, retentionDays, tags }) => [
          name,
          compact({ retentionInDays: retentionDays, tags }),
        ]),
      ),
    },
    imports: rows.map(({ name }) => ({ type: 'aws_cloudwatch_log_group', name, id: name })),
    undeclared: [],
  };
}
