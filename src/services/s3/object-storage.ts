import type { PolicySource } from '../../aws/resource-policies.ts';
import type { TagSource } from '../../aws/tagged-resources.ts';
import type { Declarer } from '../../declarations/plan.ts';
import type { Service } from '../../protocol/service.ts';
import type { VerifyReport } from '../../support/findings.ts';
import type { ScrubOptions } from '../registration.ts';
import type { ObjectsElsewhere, ObjectStore } from './object-store.ts';

/** Where the server's objects are: in its data folder, or in another S3. */
export interface ObjectStorage {
  readonly service: Service;
  /** The same objects, without HTTP, for the parts of nagare that write them. */
  readonly store: ObjectStore;
  /** Undefined if the objects are in the data folder. */
  readonly elsewhere?: ObjectsElsewhere;
  readonly declarer: Declarer;
  readonly policies: PolicySource;
  readonly tags: TagSource;
  /**
   * Copies all objects to `folder`/objects while they are in use. `copyEngine` copies the engine, which has their
   * metadata: no object is written meanwhile, so the copies are consistent.
   */
  backup(folder: string, copyEngine: () => Promise<void>): Promise<void>;
  /** Checks all contents, which may be in use meanwhile. */
  scrub(options: ScrubOptions): Promise<VerifyReport>;
  /** Syncs the files of the last changes. */
  close(): Promise<void>;
}
