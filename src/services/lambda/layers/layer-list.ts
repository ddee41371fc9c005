import { formatArn, parseArn, type RegionAndAccount } from '../../../aws/arn.ts';
import type { Catalog, Table } from '../../../engine/catalog.ts';
import { layerNotFound, layerVersionTooLow } from './errors.ts';
import { layerVersionKey, type LayerVersionRow } from './layer-row.ts';

export interface LayerListOptions {
  readonly catalog: Pick<Catalog, 'table'>;
  readonly place: RegionAndAccount;
}

/** The layers that were published, with their versions, as their rows are. */
export class LayerList {
  protected readonly versions: Table<LayerVersionRow>;
  readonly #place: RegionAndAccount;

  constructor({ catalog, place }: LayerListOptions) {
    this.#place = place;
    this.versions = catalog.table('lambda.layerVersions');
  }

  arn(layer: string): string {
    return formatArn('lambda', this.#place, `layer:${layer}`);
  }

  versionArn({ layer, version }: Pick<LayerVersionRow, 'layer' | 'version'>): string {
    return `${this.arn(layer)}:${version}`;
  }

  /** The name in a LayerName, which may be an ARN. Throws ResourceNotFoundException for other regions and accounts. */
  nameOf(text: string): string {
    if (!text.startsWith('arn:')) return text;
    const name = parseArn(text)?.resource.split(':')[1] ?? '';
    if (this.arn(name) !== text) throw layerNotFound();
    return name;
  }

  find(layer: string, version: number): LayerVersionRow | undefined {
    return this.versions.get(layerVersionKey(layer, version));
  }

  /** Throws ResourceNotFoundException, InvalidParameterValueException. */
  get(layer: string, version: number): LayerVersionRow {
    if (version < 1) throw layerVersionTooLow();
    const row = this.find(layer, version);
    if (row === undefined) throw layerNotFound();
    return row;
  }

  /** The names of layers that have a version, sorted. */
  names(): string[] {
    return [...new Set([...this.versions.entries()].map(([, { layer }]) => layer))].sort();
  }

  /** From the newest to the oldest. */
  versionsOf(layer: string): LayerVersionRow[] {
    return [...this.versions.entries(`${layer}:`)].map(([, row]) => row).toReversed();
  }

  /** The size of all contents together. */
  codeBytes(): number {
    let bytes = 0;
    for (const [, { code }] of this.versions.entries()) bytes += code.sizeBytes;
    return bytes;
  }

  /** Throws ResourceNotFoundException. */
  byArn(arn: string): LayerVersionRow {
    const [, layer = '', version] = parseArn(arn)?.resource.split(':') ?? [];
    const row = this.get(layer, Number(version));
    if (this.versionArn(row) !== arn) throw layerNotFound();
    return row;
  }
}
