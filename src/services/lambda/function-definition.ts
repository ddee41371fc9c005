import type { RuntimeFamily } from './runtime/families/family.ts';

/** What is needed to run and describe a function. A change makes a new definition. */
export interface FunctionDefinition {
  readonly name: string;
  readonly description: string;
  readonly runtime: string;
  readonly family: RuntimeFamily;
  /** `file.export` */
  readonly handler: string;
  readonly role: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly environment: Readonly<Record<string, string>>;
  /** An Environment was given, even an empty one: descriptions then include it. */
  readonly hasEnvironment?: boolean;
  readonly architecture: string;
  readonly revisionId: string;
  readonly lastModifiedMs: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly concurrencyMax: number;
  /** The concurrency comes from reservedConcurrentExecutions. */
  readonly concurrencyReserved?: boolean;
  readonly source: CodeSource;
}

export type CodeSource =
  | { readonly kind: 'zip'; readonly sha256: string; readonly sizeBytes: number }
  /** Declared in nagare.yaml: one file, and the files around it. */
  | { readonly kind: 'file'; readonly path: string };

/** A row of the table `lambda.functions`: a function created by the API. */
export interface FunctionRow extends Omit<
  FunctionDefinition,
  'family' | 'concurrencyMax' | 'concurrencyReserved' | 'source'
> {
  readonly code: { readonly sha256: string; readonly sizeBytes: number };
}
