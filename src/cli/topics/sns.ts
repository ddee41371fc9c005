import type { RunningServer } from '../api.ts';
import { callQuery, type XmlOutput } from '../query-api.ts';
import { CommandError, exitCodes } from '../terminal.ts';

const SNS = { service: 'sns', version: '2010-03-31' };

/** Calls an operation of SNS. Rejects with CommandError. */
export function sns(
  server: RunningServer,
  action: string,
  parameters: Readonly<Record<string, string>>,
): Promise<XmlOutput> {
  return callQuery(server, SNS, action, parameters);
}

export async function* topicArns(server: RunningServer): AsyncGenerator<string, void, undefined> {
  for await (const page of pagesOf(server, 'ListTopics')) {
    for (const topic of page.list('Topics')) yield topic.text('TopicArn');
  }
}

export async function* pagesOf(
  server: RunningServer,
  action: string,
  parameters: Readonly<Record<string, string>> = {},
): AsyncGenerator<XmlOutput, void, undefined> {
  let token = '';
  do {
    const page = await sns(server, action, { ...parameters, ...(token !== '' && { NextToken: token }) });
    yield page;
    token = page.text('NextToken');
  } while (token !== '');
}

/** Of a topic by its name or ARN. An account is part of the ARN, and no operation finds a topic by its name. */
export async function topicArnOf(server: RunningServer, topic: string): Promise<string> {
  if (topic.startsWith('arn:')) return topic;
  for await (const arn of topicArns(server)) if (topicNameIn(arn) === topic) return arn;
  throw new CommandError(`there is no topic ${topic}`, {
    exitCode: exitCodes.notFound,
    remedy: 'nagare topic ls',
  });
}

export function topicNameIn(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
