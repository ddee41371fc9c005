import { parseArn } from '../../../aws/arn.ts';
import type { Catalog, Table, Transaction } from '../../../engine/catalog.ts';
import type { Clock } from '../../../support/clock.ts';
import { KeyedLock } from '../../../support/keyed-lock.ts';
import type { CodeStore } from '../code/code-store.ts';
import { lambdaLimits } from '../limits.ts';
import {
  extensionsUnsupported,
  layerDoesNotExist,
  layerOfOtherAccount,
  layerOfOtherRegion,
  layerVersionTooLow,
  sameLayerTwice,
  tooManyLayers,
  tooManyLayerVersions,
} from './errors.ts';
import { LayerList, type LayerListOptions } from './layer-list.ts';
import { layerVersionKey, type FunctionLayer, type LayerRow, type LayerVersionRow } from './layer-row.ts';

export interface LayersOptions extends LayerListOptions {
  readonly catalog: Catalog;
  readonly code: CodeStore;
  readonly clock: Clock;
  readonly functions: LayerUsers;
}

/** The functions, as users of layers; also deleted ones that still run. */
export interface LayerUsers {
  usesLayer(layer: string, sha256: string): boolean;
  layersInUse(): Iterable<FunctionLayer>;
}

export type NewLayerVersion = Omit<LayerVersionRow, 'version' | 'createdMs' | 'code'>;

/** The layers that were published, with their contents. */
export class Layers extends LayerList {
  readonly #options: LayersOptions;
  readonly #rows: Table<LayerRow>;
  /** A content must not be removed while it is being put in use. */
  readonly #locks = new KeyedLock();

  private constructor(options: LayersOptions) {
    super(options);
    this.#options = options;
    this.#rows = options.catalog.table('lambda.layers');
  }

  /** Loads the layers of earlier runs, and removes leftover contents. */
  static async open(options: LayersOptions): Promise<Layers> {
    const layers = new Layers(options);
    const wanted = new Map<string, Set<string>>();
    const want = (layer: string, sha256: string): void => {
      const hashes = wanted.get(layer) ?? new Set();
      wanted.set(layer, hashes.add(sha256));
    };
    for (const [, { layer, code }] of layers.versions.entries()) want(layer, code.sha256);
    for (const { layer, sha256 } of options.functions.layersInUse()) want(layer, sha256);
    await options.code.removeAllBut(wanted);
    return layers;
  }

  /** The ARN of a version that is named `name:version` or by its ARN. */
  arnOf(text: string): string {
    return text.startsWith('arn:') ? text : this.arn(text);
  }

  /** Stores a new version. Throws InvalidZipError, CodeTooLargeError, InvalidParameterValueException. */
  async publish(input: NewLayerVersion, zip: Uint8Array): Promise<LayerVersionRow> {
    const { catalog, code, clock } = this.#options;
    return await this.#locks.exclusive(input.layer, async () => {
      const stored = await code.put(input.layer, zip);
      const names = await code.names(input.layer, stored.sha256);
      if (names.some((name) => name.startsWith('extensions/'))) {
        await this.#collect(input.layer, stored.sha256);
        throw extensionsUnsupported();
      }
      return await catalog.commit((transaction) => {
        if (this.versions.size >= lambdaLimits.layerVersionsMax) {
          throw tooManyLayerVersions(lambdaLimits.layerVersionsMax);
        }
        const version = (transaction.get(this.#rows, input.layer)?.lastVersion ?? 0) + 1;
        const row: LayerVersionRow = { ...input, version, createdMs: clock.now(), code: stored };
        transaction.put(this.#rows, input.layer, { lastVersion: version });
        transaction.put(this.versions, layerVersionKey(input.layer, version), row);
        return row;
      });
    });
  }

  /** The zip as it was uploaded. Throws DamagedDataError. */
  async zip({ layer, code }: LayerVersionRow): Promise<Buffer> {
    return await this.#options.code.zip(layer, code.sha256);
  }

  /** The size of the files of all these layers. Throws DamagedDataError. */
  async unzippedBytes(layers: readonly FunctionLayer[]): Promise<number> {
    let bytes = 0;
    for (const { layer, sha256 } of layers) bytes += await this.#options.code.unzippedBytes(layer, sha256);
    return bytes;
  }

  /** Functions that have it keep it. Succeeds when there is no such version, as on AWS. */
  async delete(layer: string, version: number): Promise<void> {
    if (version < 1) throw layerVersionTooLow();
    const key = layerVersionKey(layer, version);
    await this.#locks.exclusive(layer, async () => {
      const row = this.versions.get(key);
      if (row === undefined) return;
      await this.#options.catalog.commit((transaction) => transaction.delete(this.versions, key));
      await this.#collect(layer, row.code.sha256);
    });
  }

  /** The layers that a caller wants a function to have. Throws InvalidParameterValueException, AccessDeniedException. */
  resolve(arns: readonly string[]): FunctionLayer[] {
    const most = lambdaLimits.functionLayersMax;
    if (arns.length > most) throw tooManyLayers(most);
    const layers = new Map<string, FunctionLayer>();
    for (const arn of arns) {
      const row = this.#byArn(arn);
      const before = layers.get(row.layer);
      if (before !== undefined) throw sameLayerTwice(before.arn, arn);
      layers.set(row.layer, { arn, layer: row.layer, ...row.code });
    }
    return [...layers.values()];
  }

  /** Throws InvalidParameterValueException when one of the layers has been deleted meanwhile. */
  requireIn(transaction: Transaction, layers: readonly FunctionLayer[]): void {
    for (const { arn, layer } of layers) {
      const version = Number(arn.split(':').at(-1));
      const row = transaction.get(this.versions, layerVersionKey(layer, version));
      if (row === undefined) throw layerDoesNotExist(arn);
    }
  }

  /** Removes the contents that functions no longer use, of versions that have been deleted. */
  async released(layers: readonly FunctionLayer[]): Promise<void> {
    for (const { layer, sha256 } of layers) {
      await this.#locks.exclusive(layer, () => this.#collect(layer, sha256));
    }
  }

  #byArn(arn: string): LayerVersionRow {
    const { place } = this.#options;
    const { region, accountId, resource = '' } = parseArn(arn) ?? {};
    if (accountId !== place.accountId) throw layerOfOtherAccount(arn);
    if (region !== place.region) throw layerOfOtherRegion(place.region);
    const [, layer = '', version] = resource.split(':');
    const row = this.find(layer, Number(version));
    // Policies were asked about the ARN as it is written.
    if (row === undefined || this.versionArn(row) !== arn) throw layerDoesNotExist(arn);
    return row;
  }

  async #collect(layer: string, sha256: string): Promise<void> {
    const isPublished = this.versionsOf(layer).some(({ code }) => code.sha256 === sha256);
    if (isPublished || this.#options.functions.usesLayer(layer, sha256)) return;
    await this.#options.code.remove(layer, sha256);
  }
}
