import { ServiceError } from '../errors.ts';
import { parseArn } from './arn.ts';
import type { Tags } from './tags.ts';

export interface TaggedResource {
  readonly arn: string;
  readonly tags: Tags;
}

/** A service whose resources have tags. */
export interface TagList {
  /** All its resources that can have tags. */
  resources(): Iterable<TaggedResource>;
}

export interface TagSource extends TagList {
  /** Changes the tags of one. Throws ServiceError, as the service's own tagging operations do. */
  change(arn: string, change: TagChange): Promise<void>;
}

/** Tags to add or overwrite, or keys to remove. */
export interface TagChange {
  readonly added: Tags;
  readonly removed: readonly string[];
}

/**
 * The resources of all services with their tags. Each service registers itself under its name in ARNs (`kinesis`, `sns`,
 * `s3`), so that a new one appears in `tagging:GetResources` without a change there.
 */
export class TaggedResources {
  readonly #sources = new Map<string, TagList & Partial<TagSource>>();

  /** On a machine that changes nothing, a list is enough. */
  register(service: string, source: TagList & Partial<TagSource>): void {
    this.#sources.set(service, source);
  }

  /** Ordered by ARN. */
  all(): TaggedResource[] {
    const found = [...this.#sources.values()].flatMap((source) => [...source.resources()]);
    return found.sort((one, other) => (one.arn < other.arn ? -1 : 1));
  }

  /**
   * Changes the tags of the resource with exactly that ARN, which policies were asked about: services find some by less.
   * Throws ServiceError.
   */
  async change(arn: string, change: TagChange): Promise<void> {
    const service = parseArn(arn)?.service;
    const source = service === undefined ? undefined : this.#sources.get(service);
    if (source?.change === undefined || !hasResource(source, arn)) {
      throw new ServiceError('InvalidParameterException', `${arn} is not the ARN of a resource with tags`);
    }
    await source.change(arn, change);
  }
}

function hasResource(source: TagList, arn: string): boolean {
  for (const resource of source.resources()) if (resource.arn === arn) return true;
  return false;
}
