import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import type { Clock } from '../../support/clock.ts';
import { folderOfFile } from './declared/definition.ts';
import type { FunctionDefinition } from './function-definition.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { FunctionCredentials } from '../registration.ts';
import type { BootstrapCache } from './runtime/bootstrap-cache.ts';
import { functionEnvironment, type EnvironmentOfServer } from './runtime/environment.ts';
import { FunctionProcess } from './runtime/function-process.ts';
import type { ProcessReaper } from './runtime/process-reaper.ts';
import type { IsolatedProgram, Isolation } from './isolation/isolation.ts';
import { nodejs } from './runtime/families/nodejs.ts';
import type { MemoryWatch } from './runtime/memory-watch.ts';
import type { PooledFunction, ProcessEvents } from './runtime/process-pool.ts';

const MEGABYTE = 1024 * 1024;

export interface RunningFunctionDependencies {
  readonly clock: Clock;
  readonly reaper: ProcessReaper;
  readonly memory: MemoryWatch;
  readonly isolation: Isolation;
  readonly logs: LogStore;
  readonly server: Omit<EnvironmentOfServer, 'credentials'>;
  readonly newCredentials: (functionName: string) => FunctionCredentials;
  readonly endCredentials: (credentials: FunctionCredentials) => void;
  /** Node's compile cache, shared by processes of functions that are not isolated. */
  readonly compiledFolder: string;
  /** Compile cache of the bootstrap alone, for isolated functions. */
  readonly bootstrapCache: BootstrapCache;
  /** Where packages are looked up that are missing beside a handler. */
  readonly packageFolders: readonly string[];
  readonly codeFolder: (functionName: string, sha256: string) => string;
  /** Verifies that the code is what was uploaded. Throws DamagedDataError. */
  readonly checkCode: (functionName: string, sha256: string) => Promise<void>;
}

/** One version of a function. While this object is in use, its code stays on disk. */
export class RunningFunction implements PooledFunction {
  readonly definition: FunctionDefinition;
  readonly #dependencies: RunningFunctionDependencies;
  #checking: Promise<void> | undefined;
  /** Made for the first process. */
  #credentials: FunctionCredentials | undefined;
  /** `checkCode` has succeeded. */
  isChecked = false;

  constructor(definition: FunctionDefinition, dependencies: RunningFunctionDependencies) {
    this.definition = definition;
    this.#dependencies = dependencies;
    const isIsolated = dependencies.isolation.level !== 'off';
    if (isIsolated && definition.family === nodejs) dependencies.bootstrapCache.prepare();
  }

  get name(): string {
    return this.definition.name;
  }

  get concurrencyMax(): number {
    return this.definition.concurrencyMax;
  }

  /** Hash of the zip; undefined for declared functions. */
  get sha256(): string | undefined {
    const { source } = this.definition;
    return source.kind === 'zip' ? source.sha256 : undefined;
  }

  /** Verifies the code before the first process of this version starts. Throws DamagedDataError. */
  async checkCode(): Promise<void> {
    const { name, source } = this.definition;
    // Damaged code is checked again each time, because it may have been repaired.
    this.#checking ??= (
      source.kind === 'zip' ? this.#dependencies.checkCode(name, source.sha256) : Promise.resolve()
    ).finally(() => (this.#checking = undefined));
    await this.#checking;
    this.isChecked = true;
  }

  /** Called when the last process has ended. */
  close(): void {
    if (this.#credentials !== undefined) this.#dependencies.endCredentials(this.#credentials);
  }

  createProcess(events: ProcessEvents): FunctionProcess {
    const { definition } = this;
    const { family, memoryMegabytes } = definition;
    const { clock, reaper, memory, isolation, logs } = this.#dependencies;
    const logStream = newLogStream(clock.now());
    const group = logs.group(definition.name);
    const megabytesMax = memoryMegabytes + family.baseMegabytes;
    return new FunctionProcess(
      {
        program: this.#program(group.name, logStream, megabytesMax),
        refusal: family.refusal(this.#folder()),
        requestVariable: family.requestVariable,
        timeoutMs: definition.timeoutSeconds * 1000,
        memoryMegabytes,
        memoryBytesMax: megabytesMax * MEGABYTE,
      },
      {
        clock,
        reaper,
        memory,
        isolation,
        sink: {
          append: (timestampMs, message) => group.append({ stream: logStream, timestampMs, message }),
          drained: () => group.flushed(),
        },
        ...events,
      },
    );
  }

  #program(logGroup: string, logStream: string, megabytesMax: number): IsolatedProgram {
    const { definition } = this;
    const { family, source, memoryMegabytes } = definition;
    const { server, isolation, packageFolders, compiledFolder, bootstrapCache } = this.#dependencies;
    this.#credentials ??= this.#dependencies.newCredentials(definition.name);
    const compiled = isolation.level === 'off' ? compiledFolder : bootstrapCache.folder;
    const ownFolder = this.#folder();
    const isZip = source.kind === 'zip';
    const folder = isZip ? isolation.taskFolder(ownFolder) : ownFolder;
    const handlerFile = isZip ? undefined : source.path;
    const launch = family.launch({
      folder,
      handlerFile,
      memoryMegabytes,
      packageFolders,
      compileCache: compiled === undefined ? undefined : isolation.compiledFolder(compiled),
      reaches: (path) => isolation.reaches(path),
    });
    const environment = functionEnvironment(
      {
        functionName: definition.name,
        handler: definition.handler,
        runtime: definition.runtime,
        memoryMegabytes,
        folder,
        logGroup,
        logStream,
        variables: definition.environment,
      },
      { region: server.region, endpoint: server.endpoint, credentials: this.#credentials },
    );
    return {
      command: launch.command,
      args: launch.args,
      folder,
      environment: {
        ...environment,
        ...launch.environment,
        ...(handlerFile === undefined ? {} : { _NAGARE_HANDLER_FILE: handlerFile }),
        ...(family === nodejs && isolation.level === 'strict' ? { _NAGARE_SEES_ONLY: folder } : {}),
      },
      code: isZip ? ownFolder : undefined,
      compiled,
      reads: isZip ? launch.reads : [...foldersOf(source.path), ...launch.reads],
      dataBytesMax: (megabytesMax + family.mappedMegabytes) * MEGABYTE,
    };
  }

  #folder(): string {
    const { name, source } = this.definition;
    return source.kind === 'zip'
      ? this.#dependencies.codeFolder(name, source.sha256)
      : folderOfFile(source.path);
  }
}

/** The folder of a handler, and the folder of its target when it is a symbolic link. */
function foldersOf(path: string): string[] {
  const folder = folderOfFile(path);
  try {
    return [folder, folderOfFile(realpathSync(path))];
  } catch {
    return [folder];
  }
}

/** `2026/11/22/[$LATEST]<32 hex digits>`: one per process. */
function newLogStream(nowMs: number): string {
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '/');
  return `${day}/[$LATEST]${randomBytes(16).toString('hex')}`;
}
