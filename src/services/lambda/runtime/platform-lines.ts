import { type SystemLevel, systemLevels } from '../function-logging.ts';
import type { InvocationOutcome } from './outcome.ts';

export interface InvocationReport {
  readonly durationMs: number;
  readonly timeoutMs: number;
  readonly memoryMegabytes: number;
  /** Undefined where the system does not report it. */
  readonly memoryUsedMegabytes: number | undefined;
  /** For the invocation that started the process. */
  readonly initMs: number | undefined;
}

/** What Lambda itself writes into the log of a process, in the format of the function's log. */
export interface PlatformLines {
  /** The process starts. */
  initStart(nowMs: number): readonly string[];
  /** The handler has been loaded, or could not be. */
  initEnd(nowMs: number, durationMs: number, failure: InvocationOutcome['failure']): readonly string[];
  start(nowMs: number, requestId: string): readonly string[];
  end(
    nowMs: number,
    requestId: string,
    outcome: InvocationOutcome,
    info: InvocationReport,
  ): readonly string[];
}

/** LogFormat Text: START, END and REPORT. `version` is that of the function. */
export function textLines(version: string): PlatformLines {
  return {
    initStart: () => [],
    initEnd: () => [],
    start: (_, requestId) => [`START RequestId: ${requestId} Version: ${version}`],
    end(nowMs, requestId, outcome, info) {
      const lines = [`END RequestId: ${requestId}`, textReport(requestId, outcome, info)];
      if (outcome.failure?.status !== 'timeout') return lines;
      const time = new Date(nowMs).toISOString();
      const seconds = (info.timeoutMs / 1000).toFixed(2);
      return [`${time} ${requestId} Task timed out after ${seconds} seconds`, ...lines];
    },
  };
}

/**
 * LogFormat JSON: Lambda's platform events, with the levels that AWS gives them. Those below `least` are left out.
 * https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
 */
export function jsonLines(functionName: string, version: string, least: SystemLevel): PlatformLines {
  const event = (level: SystemLevel, nowMs: number, type: string, record: object): string[] => {
    if (systemLevels.indexOf(level) < systemLevels.indexOf(least)) return [];
    return [JSON.stringify({ time: new Date(nowMs).toISOString(), type: `platform.${type}`, record })];
  };
  const init = { initializationType: 'on-demand', phase: 'init' };
  return {
    initStart: (nowMs) =>
      event('DEBUG', nowMs, 'initStart', { ...init, functionName, functionVersion: version }),
    initEnd(nowMs, durationMs, failure) {
      const level = failure === undefined ? 'DEBUG' : 'WARN';
      const record = { ...init, ...statusOf(failure) };
      return [
        ...event(level, nowMs, 'initRuntimeDone', record),
        ...event(level, nowMs, 'initReport', { ...record, metrics: { durationMs: rounded(durationMs) } }),
      ];
    },
    start: (nowMs, requestId) => event('INFO', nowMs, 'start', { requestId, version }),
    end(nowMs, requestId, { failure, payload }, info) {
      const status = statusOf(failure);
      const durationMs = rounded(info.durationMs);
      const done = { requestId, ...status, metrics: { durationMs, producedBytes: payload.length } };
      return [
        ...event(failure === undefined ? 'DEBUG' : 'WARN', nowMs, 'runtimeDone', done),
        ...event(failure === undefined ? 'INFO' : 'WARN', nowMs, 'report', {
          requestId,
          metrics: {
            durationMs,
            billedDurationMs: billedMs(info),
            memorySizeMB: info.memoryMegabytes,
            maxMemoryUsedMB: info.memoryUsedMegabytes,
            ...(info.initMs === undefined ? {} : { initDurationMs: rounded(info.initMs) }),
          },
          ...status,
        }),
      ];
    },
  };
}

function statusOf(failure: InvocationOutcome['failure']): { status: string; errorType?: string } {
  if (failure === undefined) return { status: 'success' };
  return { status: failure.status, ...(failure.status === 'error' && { errorType: failure.type }) };
}

function rounded(ms: number): number {
  return Number(ms.toFixed(3));
}

function billedMs({ durationMs, initMs = 0 }: InvocationReport): number {
  return Math.ceil(durationMs + initMs);
}

function textReport(requestId: string, { failure }: InvocationOutcome, info: InvocationReport): string {
  const parts = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${info.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${billedMs(info)} ms`,
    `Memory Size: ${info.memoryMegabytes} MB`,
  ];
  if (info.memoryUsedMegabytes !== undefined) parts.push(`Max Memory Used: ${info.memoryUsedMegabytes} MB`);
  if (info.initMs !== undefined) parts.push(`Init Duration: ${info.initMs.toFixed(2)} ms`);
  if (failure !== undefined) parts.push(`Status: ${failure.status}`);
  if (failure?.status === 'error') parts.push(`Error Type: ${failure.type}`);
  return `${parts.join('\t')}\t`;
}
