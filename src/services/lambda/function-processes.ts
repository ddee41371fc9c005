import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CodeStore } from './code/code-store.ts';
import type { StartMetrics } from './function-metrics.ts';
import type { LambdaOptions } from './lambda-options.ts';
import { lambdaLimits } from './limits.ts';
import { functionArn } from './names.ts';
import type { RunningFunctionDependencies } from './running-function.ts';
import type { CrashListener } from './runtime/crash-loop.ts';
import { MemoryWatch } from './runtime/memory-watch.ts';
import { ProcessPool } from './runtime/process-pool.ts';

/** The processes of all functions. */
export function createPool({ processesMax, clock, log }: LambdaOptions, metrics: StartMetrics): ProcessPool {
  const settings = {
    startsAtOnceMax: Math.max(2, availableParallelism()),
    processesMax: processesMax ?? lambdaLimits.functionProcessesMax,
    waitingMax: lambdaLimits.functionsWaitingMax,
    idleMs: lambdaLimits.functionIdleMs,
    crashes: crashListener(log, metrics),
  };
  return new ProcessPool(settings, clock);
}

function crashListener(log: LambdaOptions['log'], metrics: StartMetrics): CrashListener {
  return {
    onCrash(name, crashes, pauseMs) {
      metrics.add(name, 'FailedStarts', 1);
      if (pauseMs === 0) return;
      log.warn(
        { function: name, processes: crashes, pauseMs },
        'processes of a function end before they take an invocation; the next is started after a pause',
      );
    },
    onFailAtOnce: (name) => metrics.add(name, 'FailedAtOnce', 1),
  };
}

/** What functions need to run. */
export function runningDependencies(
  options: LambdaOptions,
  dependencies: Pick<
    RunningFunctionDependencies,
    'isolation' | 'reaper' | 'bootstrapCache' | 'layerFolders'
  > & {
    readonly code: CodeStore;
  },
): RunningFunctionDependencies {
  const { code, ...given } = dependencies;
  const { clock, log, logs, region, endpoint, objectsEndpoint, ownKeys, accountId } = options;
  const place = { region, accountId };
  // nagare's own packages come last, so that functions can use an AWS SDK that is installed next to nagare.
  const ownFolder = fileURLToPath(new URL('.', import.meta.url));
  return {
    ...given,
    clock,
    log,
    memory: new MemoryWatch(clock),
    logs,
    server: {
      region,
      get endpoint() {
        return endpoint();
      },
      objectsEndpoint,
    },
    credentialsOf(definition, present) {
      if (ownKeys === undefined) return { accessKeyId: 'nagare', secretAccessKey: 'nagare' };
      if (present !== undefined && ownKeys.isValid(present.accessKeyId)) return present;
      const { name, role, isUnlimited = false } = definition;
      return ownKeys.ofFunction({
        name,
        arn: functionArn(name, place),
        roleArn: isUnlimited ? undefined : role,
      });
    },
    endCredentials: ({ accessKeyId }) => ownKeys?.end(accessKeyId),
    compiledFolder: join(options.folder, 'compiled'),
    packageFolders: [...(options.packageFolders ?? []), ownFolder],
    runtimeFolder: options.runtimeFolder,
    codeFolder: (functionName, sha256) => code.folder(functionName, sha256),
    checkCode: (functionName, sha256) => code.check(functionName, sha256),
  };
}
