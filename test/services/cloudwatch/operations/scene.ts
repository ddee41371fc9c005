import {
  CloudWatchClient,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch';
import { clientOptions, startTestServer, type TestServer } from '../../../support/server.ts';

export interface Scene {
  readonly server: TestServer;
  readonly cloudWatch: CloudWatchClient;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A server of its own, and AWS's client for it. */
export async function openScene(): Promise<Scene> {
  const server = await startTestServer();
  const cloudWatch = new CloudWatchClient(clientOptions(server.endpoint));
  return {
    server,
    cloudWatch,
    async [Symbol.asyncDispose]() {
      cloudWatch.destroy();
      await server.close();
    },
  };
}

/** Whom AWS's client makes of an answer that is an error. */
export function errorNamed(name: string, message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof Error && error.name === name && message.test(error.message);
}

/** The current minute and some around it. */
export function aroundNow(minutes = 5): { StartTime: Date; EndTime: Date } {
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  return { StartTime: new Date(minute - minutes * 60_000), EndTime: new Date(minute + minutes * 60_000) };
}

/** The alarm `a` on the latency of an application. */
export async function putAlarm(
  cloudWatch: CloudWatchClient,
  changes: Partial<PutMetricAlarmCommandInput>,
): Promise<void> {
  await cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName: 'a',
      Namespace: 'App',
      MetricName: 'Latency',
      Statistic: 'Average',
      Period: 60,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      ...changes,
    }),
  );
}
