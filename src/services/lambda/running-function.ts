import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import { folderOfFile } from './declared/definition.ts';
import type { FunctionDefinition } from './function-definition.ts';
import { logGroupNameOf } from './function-logging.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { FunctionCredentials } from '../registration.ts';
import type { BootstrapCache } from './runtime/bootstrap-cache.ts';
import { functionEnvironment, type EnvironmentOfServer } from './runtime/environment.ts';
import type { LayerFolders } from './layers/layer-folders.ts';
import { FunctionProcess } from './runtime/function-process.ts';
import type { LogFormat } from './runtime/invocation-log.ts';
import { jsonLines, textLines } from './runtime/platform-lines.ts';
import type { ProcessReaper } from './runtime/process-reaper.ts';
import type { IsolatedProgram, Isolation } from './isolation/isolation.ts';
import type { FunctionFiles } from './runtime/families/family.ts';
import { nodejs } from './runtime/families/nodejs.ts';
import { provided } from './runtime/families/provided.ts';
import { clientFolderOf } from './runtime/runtime-folder.ts';
import type { MemoryWatch } from './runtime/memory-watch.ts';
import type { PooledFunction, ProcessEvents } from './runtime/process-pool.ts';

const MEGABYTE = 1024 * 1024;

export interface RunningFunctionDependencies {
  readonly clock: Clock;
  readonly log: Log;
  readonly reaper: ProcessReaper;
  readonly memory: MemoryWatch;
  readonly isolation: Isolation;
  readonly logs: LogStore;
  readonly server: Omit<EnvironmentOfServer, 'credentials'>;
  /** The present ones while they are accepted, or new ones. */
  readonly credentialsOf: (
    definition: FunctionDefinition,
    present: FunctionCredentials | undefined,
  ) => FunctionCredentials;
  readonly endCredentials: (credentials: FunctionCredentials) => void;
  /** Node's compile cache, shared by processes of functions that are not isolated. */
  readonly compiledFolder: string;
  /** Compile cache of the bootstrap alone, for isolated functions. */
  readonly bootstrapCache: BootstrapCache;
  /** Where packages are looked up that are missing beside a handler. */
  readonly packageFolders: readonly string[];
  /** Has runtime interface clients for functions that bring none. */
  readonly runtimeFolder: string | undefined;
  /** What functions with layers find in /opt. */
  readonly layerFolders: LayerFolders;
  readonly codeFolder: (functionName: string, sha256: string) => string;
  /** Verifies that the code is what was uploaded. Throws DamagedDataError. */
  readonly checkCode: (functionName: string, sha256: string) => Promise<void>;
}

/** How often a function may run at once. */
export interface Concurrency {
  readonly max: number;
  readonly isReserved: boolean;
}

/** One version of a function. While this object is in use, its code stays on disk. */
export class RunningFunction implements PooledFunction {
  #definition: FunctionDefinition;
  readonly #dependencies: RunningFunctionDependencies;
  readonly #concurrency: () => Concurrency;
  #checking: Promise<void> | undefined;
  /** Made for the first process. */
  #credentials: FunctionCredentials | undefined;
  /** `checkCode` has succeeded. */
  isChecked = false;

  constructor(
    definition: FunctionDefinition,
    dependencies: RunningFunctionDependencies,
    concurrency: () => Concurrency,
  ) {
    this.#concurrency = concurrency;
    this.#definition = definition;
    this.#dependencies = dependencies;
    const isIsolated = dependencies.isolation.level !== 'off';
    if (isIsolated && definition.family === nodejs) dependencies.bootstrapCache.prepare();
  }

  get definition(): FunctionDefinition {
    return this.#definition;
  }

  /** Changes what does not concern its processes: revision, tags, reserved concurrency. */
  describeAs(definition: FunctionDefinition): void {
    this.#definition = definition;
  }

  get name(): string {
    return this.definition.name;
  }

  /** Of the function, all its versions together. */
  get concurrencyMax(): number {
    return this.#concurrency().max;
  }

  /** Whether the limit is one that the user has set. */
  get isReserved(): boolean {
    return this.#concurrency().isReserved;
  }

  /** Hash of the zip; undefined for declared functions. */
  get sha256(): string | undefined {
    const { source } = this.definition;
    return source.kind === 'zip' ? source.sha256 : undefined;
  }

  /** Verifies the code before the first process of this version starts. Throws DamagedDataError. */
  async checkCode(): Promise<void> {
    const { name, source, layers = [] } = this.definition;
    // Damaged code is checked again each time, because it may have been repaired.
    this.#checking ??= (
      source.kind === 'zip' ? this.#dependencies.checkCode(name, source.sha256) : Promise.resolve()
    )
      .then(() => this.#dependencies.layerFolders.prepare(layers))
      .finally(() => (this.#checking = undefined));
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
    const { clock, log, reaper, memory, isolation, logs } = this.#dependencies;
    const logStream = newLogStream(clock.now(), definition.version);
    const group = logs.named(logGroupNameOf(definition));
    const megabytesMax = memoryMegabytes + family.baseMegabytes;
    return new FunctionProcess(
      {
        program: this.#program(group.name, logStream, megabytesMax),
        refusal: family.refusal({ handler: definition.handler, ...this.#files() }),
        requestVariable: family.requestVariable,
        logFormat: logFormatOf(definition),
        timeoutMs: definition.timeoutSeconds * 1000,
        memoryMegabytes,
        memoryBytesMax: megabytesMax * MEGABYTE,
      },
      {
        clock,
        log,
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
    this.#credentials = this.#dependencies.credentialsOf(definition, this.#credentials);
    const compiled = isolation.level === 'off' ? compiledFolder : bootstrapCache.folder;
    const files = this.#files();
    const { codeFolder: ownFolder, optFolder } = files;
    const isZip = source.kind === 'zip';
    const folder = isZip ? isolation.taskFolder(ownFolder) : ownFolder;
    const handlerFile = isZip ? undefined : source.path;
    const opt = optFolder === undefined ? undefined : isolation.optFolder(optFolder);
    const launch = family.launch({
      handler: definition.handler,
      folder,
      ...files,
      handlerFile,
      opt,
      memoryMegabytes,
      packageFolders,
      compileCache: compiled === undefined ? undefined : isolation.compiledFolder(compiled),
      reaches: (path) => isolation.reaches(path),
    });
    const environment = functionEnvironment(
      {
        functionName: definition.name,
        version: definition.version,
        handler: definition.handler,
        runtime: definition.runtime,
        memoryMegabytes,
        folder,
        logGroup,
        logStream,
        jsonLogLevel: definition.logging?.json?.applicationLevel,
        opt,
        variables: definition.environment,
      },
      { ...server, endpoint: server.endpoint, credentials: this.#credentials },
    );
    const wrapper = this.#wrapper(folder, opt);
    return {
      command: wrapper ?? launch.command,
      args: wrapper === undefined ? launch.args : [launch.command, ...launch.args],
      folder,
      environment: {
        ...launch.defaults,
        ...environment,
        ...launch.environment,
        ...(handlerFile === undefined ? {} : { _NAGARE_HANDLER_FILE: handlerFile }),
        ...(family === nodejs && isolation.level === 'strict' ? { _NAGARE_SEES_ONLY: folder } : {}),
      },
      code: isZip ? ownFolder : undefined,
      opt: optFolder,
      compiled,
      reads: isZip ? launch.reads : [...foldersOf(source.path), ...launch.reads],
      dataBytesMax: (megabytesMax + family.mappedMegabytes) * MEGABYTE,
    };
  }

  /**
   * The script that starts the runtime (docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper),
   * usually from a layer. It is named by Lambda's paths, also where the function sees other ones.
   */
  #wrapper(folder: string, opt: string | undefined): string | undefined {
    const { family, environment } = this.definition;
    const script = environment['AWS_LAMBDA_EXEC_WRAPPER'];
    if (script === undefined || script === '' || family === provided) return undefined;
    return script.replace(/^\/var\/task\//, `${folder}/`).replace(/^\/opt\//, `${opt ?? '/opt'}/`);
  }

  #files(): Omit<FunctionFiles, 'handler'> {
    const { name, source, runtime, layers = [] } = this.definition;
    const { codeFolder, layerFolders, runtimeFolder } = this.#dependencies;
    return {
      codeFolder: source.kind === 'zip' ? codeFolder(name, source.sha256) : folderOfFile(source.path),
      optFolder: layerFolders.pathOf(layers),
      clientFolder: clientFolderOf(runtimeFolder, runtime),
    };
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

function logFormatOf({ name, version, logging }: FunctionDefinition): LogFormat {
  const json = logging?.json;
  if (json === undefined) return { lines: textLines(version), applicationLevel: undefined };
  return {
    lines: jsonLines(name, version, json.systemLevel),
    applicationLevel: json.applicationLevel,
  };
}

/** `2026/11/22/[$LATEST]<32 hex digits>`, or the number of a version: one per process. */
function newLogStream(nowMs: number, version: string): string {
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '/');
  return `${day}/[${version}]${randomBytes(16).toString('hex')}`;
}
