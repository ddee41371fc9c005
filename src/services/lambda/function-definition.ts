import type { RuntimeFamily } from './runtime/families/family.ts';

/** What is to be known of a function to run it and to describe it. A change makes a new definition. */
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
  /** An Environment was given, if only an empty one: it is described. */
  readonly hasEnvironment?: boolean;
  readonly architecture: string;
  readonly revisionId: string;
  readonly lastModifiedMs: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly concurrencyMax: number;
  /** That number is its own, by reservedConcurrentExecutions. */
  readonly concurrencyReserved?: boolean;
  readonly source: CodeSource;
}

export type CodeSource =
  | { readonly kind: 'zip'; readonly sha256: string; readonly sizeBytes: number }
  /** Declared: one file, and what lies around it. */
  | { readonly kind: 'file'; readonly path: string };

/** A row of the table `lambda.functions`: a function that was created by the API. */
export interface FunctionRow {
  readonly name: string;
  readonly description: string;
  readonly runtime: string;
  readonly handler: string;
  readonly role: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly hasEnvironment?: boolean;
  readonly architecture: string;
  readonly revisionId: string;
  readonly lastModifiedMs: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly code: { readonly sha256: string; readonly sizeBytes: number };
}
