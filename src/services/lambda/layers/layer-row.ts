import type { StoredCode } from '../code/code-store.ts';

/** A row of `lambda.layers`; the key is the layer's name. It stays when all versions are deleted. */
export interface LayerRow {
  /** The number of the last version; numbers are never used twice. */
  readonly lastVersion: number;
}

/** A row of `lambda.layerVersions`. */
export interface LayerVersionRow {
  readonly layer: string;
  readonly version: number;
  readonly description: string;
  readonly runtimes?: readonly string[];
  readonly architectures?: readonly string[];
  readonly license?: string;
  readonly createdMs: number;
  readonly code: StoredCode;
}

/** A layer of a function, as its row keeps it: it works on when the version of the layer has been deleted. */
export interface FunctionLayer extends StoredCode {
  readonly arn: string;
  readonly layer: string;
}

const DIGITS = 15;

/** The key of a version, so that keys are in the order of the numbers. */
export function layerVersionKey(layer: string, version: number): string {
  return `${layer}:${String(version).padStart(DIGITS, '0')}`;
}
