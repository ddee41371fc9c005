import type { EventInvokeSettings } from './events/event-invoke-settings.ts';
import type { FunctionLogging } from './function-logging.ts';
import type { FunctionLayer } from './layers/layer-row.ts';
import type { RuntimeFamily } from './runtime/families/family.ts';

/** What is needed to run and describe a function. A change makes a new definition. */
export interface FunctionDefinition {
  readonly name: string;
  /** `$LATEST`, or the number of a published version. */
  readonly version: string;
  readonly description: string;
  readonly runtime: string;
  readonly family: RuntimeFamily;
  /** `file.export` */
  readonly handler: string;
  readonly role: string;
  /** Declared without a role: no policies limit it. */
  readonly isUnlimited?: boolean;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly environment: Readonly<Record<string, string>>;
  /** An Environment was given, even an empty one: descriptions then include it. */
  readonly hasEnvironment?: boolean;
  readonly architecture: string;
  readonly revisionId: string;
  readonly lastModifiedMs: number;
  readonly tags: Readonly<Record<string, string>>;
  /** In the order in which they are laid over each other. */
  readonly layers?: readonly FunctionLayer[];
  readonly logging?: FunctionLogging;
  /** The TargetArn of DeadLetterConfig. */
  readonly deadLetterTarget?: string;
  /** How often the function may run at once, all versions together; only $LATEST has it. */
  readonly reservedConcurrency?: number;
  readonly source: CodeSource;
  /** Of a declared function: descriptions by name. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Of a declared function. */
  readonly eventInvoke?: EventInvokeSettings;
}

export type CodeSource =
  | { readonly kind: 'zip'; readonly sha256: string; readonly sizeBytes: number }
  /** Declared in nagare.yaml: one file, and the files around it. */
  | { readonly kind: 'file'; readonly path: string };

/** A row of the table `lambda.functions`: a function created by the API. */
export interface FunctionRow extends Omit<
  FunctionDefinition,
  'version' | 'family' | 'source' | 'eventInvoke' | 'aliases' | 'isUnlimited'
> {
  readonly code: { readonly sha256: string; readonly sizeBytes: number };
  /** The number of the last published version; numbers are never used twice. */
  readonly lastVersion?: number;
  /** Hash of the code and configuration that were published last. */
  readonly publishedContent?: string;
}
