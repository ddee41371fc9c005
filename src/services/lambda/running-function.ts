import { randomBytes } from 'node:crypto';
import type { Clock } from '../../support/clock.ts';
import { folderOfFile } from './declared.ts';
import type { FunctionDefinition } from './function-definition.ts';
import type { LogStore } from '../logs/log-store.ts';
import { functionEnvironment, type EnvironmentOfServer } from './runtime/environment.ts';
import { FunctionProcess } from './runtime/function-process.ts';
import type { ProcessReaper } from './runtime/process-reaper.ts';
import { launchOf } from './runtime/launch.ts';
import type { PooledFunction, ProcessEvents } from './runtime/process-pool.ts';

export interface RunningParts {
  readonly clock: Clock;
  readonly guardian: ProcessReaper;
  readonly logs: LogStore;
  readonly server: () => EnvironmentOfServer;
  /** Where Node keeps compiled code between processes: they start in two thirds of the time. */
  readonly compileCache: string;
  /** Where packages are looked for that are missing beside a handler. */
  readonly packageFolders: readonly string[];
  readonly codeFolder: (functionName: string, sha256: string) => string;
}

/** A function in one of its versions: as long as this object is in use, so is its code. */
export class RunningFunction implements PooledFunction {
  readonly definition: FunctionDefinition;
  readonly #parts: RunningParts;

  constructor(definition: FunctionDefinition, parts: RunningParts) {
    this.definition = definition;
    this.#parts = parts;
  }

  get name(): string {
    return this.definition.name;
  }

  get concurrencyMax(): number {
    return this.definition.concurrencyMax;
  }

  /** Of the zip it is made of; undefined for declared ones. */
  get sha256(): string | undefined {
    const { source } = this.definition;
    return source.kind === 'zip' ? source.sha256 : undefined;
  }

  createProcess(events: ProcessEvents): FunctionProcess {
    const { definition } = this;
    const { clock, guardian, logs, server } = this.#parts;
    const folder = this.#folder();
    const logStream = newLogStream(clock.now());
    const group = logs.group(definition.name);
    const environment = functionEnvironment(
      {
        functionName: definition.name,
        handler: definition.handler,
        runtime: definition.runtime,
        memoryMegabytes: definition.memoryMegabytes,
        folder,
        logGroup: group.name,
        logStream,
        variables: definition.environment,
      },
      server(),
    );
    return new FunctionProcess(
      {
        launch: launchOf(definition.family, folder, definition.memoryMegabytes),
        folder,
        environment: { ...environment, ...this.#forBootstrap() },
        timeoutMs: definition.timeoutSeconds * 1000,
        memoryMegabytes: definition.memoryMegabytes,
      },
      {
        clock,
        guardian,
        sink: {
          append: (timestampMs, message) => group.append({ stream: logStream, timestampMs, message }),
          drained: () => group.flushed(),
        },
        ...events,
      },
    );
  }

  #folder(): string {
    const { name, source } = this.definition;
    return source.kind === 'zip' ? this.#parts.codeFolder(name, source.sha256) : folderOfFile(source.path);
  }

  /** What our own bootstraps are told besides; they keep it from the handler. */
  #forBootstrap(): Record<string, string> {
    const { family, source } = this.definition;
    if (family === 'provided') return {};
    return {
      ...(source.kind === 'file' ? { _NAGARE_HANDLER_FILE: source.path } : {}),
      ...(family === 'nodejs' ? this.#forNode() : {}),
    };
  }

  #forNode(): Record<string, string> {
    const { compileCache, packageFolders } = this.#parts;
    return { NODE_COMPILE_CACHE: compileCache, _NAGARE_PACKAGES: packageFolders.join('\n') };
  }
}

/** `2026/11/22/[$LATEST]<32 hex digits>`: one for each process. */
function newLogStream(nowMs: number): string {
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '/');
  return `${day}/[$LATEST]${randomBytes(16).toString('hex')}`;
}
