import type { StartLiveTailRequest, StartLiveTailResponse } from '@aws-sdk/client-cloudwatch-logs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { LogsContext } from '../context.ts';
import { invalidParameter, tailNamesAndPrefixes } from '../errors.ts';
import { parseFilterPattern } from '../filter-pattern/filter-pattern.ts';
import { groupOf } from '../request.ts';

/**
 * Streams new events of up to ten log groups: an update each second, with at most 500 events, for at most three hours.
 */
export async function startLiveTail(
  context: LogsContext,
  input: Checked<StartLiveTailRequest>,
  { requestId }: CallContext,
): Promise<StartLiveTailResponse> {
  const { logGroupIdentifiers, logStreamNames, logStreamNamePrefixes, logEventFilterPattern } = input;
  if (logStreamNames !== undefined && logStreamNamePrefixes !== undefined) throw tailNamesAndPrefixes();
  if ((logStreamNames ?? logStreamNamePrefixes) !== undefined && logGroupIdentifiers.length > 1) {
    throw invalidParameter(
      'logStreamNames and logStreamNamePrefixes can be specified only with a single log group.',
    );
  }
  const matches = parseFilterPattern(logEventFilterPattern ?? '');
  const groups = await Promise.all(
    logGroupIdentifiers.map(async (identifier) => ({
      identifier,
      group: await groupOf(context, { logGroupIdentifier: identifier }),
    })),
  );
  const isWanted = (stream: string) =>
    (logStreamNames?.includes(stream) ?? true) &&
    (logStreamNamePrefixes?.some((prefix) => stream.startsWith(prefix)) ?? true);
  const responseStream = context.tails.open(
    groups,
    ({ stream, message }) => isWanted(stream) && matches(message),
    {
      requestId,
      logGroupIdentifiers,
      ...(logStreamNames === undefined ? {} : { logStreamNames }),
      ...(logStreamNamePrefixes === undefined ? {} : { logStreamNamePrefixes }),
      ...(logEventFilterPattern === undefined ? {} : { logEventFilterPattern }),
    },
  );
  return { responseStream };
}
