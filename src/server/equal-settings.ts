import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { accountLimits } from '../config/kinesis-limits.ts';
import { keyStore } from '../engine/key-store.ts';
import { readMasterKey } from '../engine/master-key.ts';
import type { MemberStatus } from '../engine/shared/member-options.ts';
import type { OwnerInfo } from '../engine/shared/shared-log.ts';
import type { Log } from '../support/log.ts';
import { TransitionLog } from '../support/transition-log.ts';
import { version } from '../support/version.ts';
import type { Access } from './access.ts';
import { storedRootKey } from './root-key.ts';

/**
 * What all machines that share a log need alike. A problem is what would let requests fail, or be answered wrongly, when
 * this machine became the owner.
 */
const compared = {
  masterKey: { name: 'the master key', isSecret: true, severity: 'problem' },
  rootKey: { name: 'the root key', isSecret: true, severity: 'problem' },
  auth: { name: '--auth', isSecret: false, severity: 'problem' },
  region: { name: '--region', isSecret: false, severity: 'problem' },
  accountId: { name: '--account-id', isSecret: false, severity: 'problem' },
  s3Endpoint: { name: '--s3-endpoint', isSecret: false, severity: 'problem' },
  limits: { name: '--limits', isSecret: true, severity: 'warning' },
  takeOverAfter: { name: '--take-over-after', isSecret: false, severity: 'warning' },
  snapshots: { name: '--snapshots', isSecret: false, severity: 'warning' },
} as const;

type SettingName = keyof typeof compared;
export type EqualSettings = Readonly<Partial<Record<SettingName, string>>>;

/** A setting that is another one at the owner. */
export interface Difference {
  readonly setting: SettingName;
  readonly message: string;
  readonly severity: 'problem' | 'warning';
}

const PURPOSE = 'nagare settings of a cluster';
const FINGERPRINT_BYTES = 16;

/**
 * The settings of this machine, as it writes them to the log when it is the owner. Of secrets, and of what is long, only
 * fingerprints under a key derived from the master key, which is 256 random bits and not in the log: who reads the log
 * can neither compute nor guess them. Throws KeyStoreError and RootKeyError.
 */
export async function equalSettingsOf(
  config: Config,
  { auth }: Pick<Access, 'auth'>,
): Promise<EqualSettings> {
  const { region, accountId, objectStore, cluster, limits, masterKey, masterKeyFile, dataDir } = config;
  const plain = {
    auth,
    region,
    accountId,
    ...(objectStore && { s3Endpoint: objectStore.endpoint }),
    ...(cluster && { takeOverAfter: `${cluster.takeOverAfterMs / 1000} s` }),
    ...(cluster && { snapshots: placeOf(cluster.snapshots) }),
  };
  if (masterKey === undefined && masterKeyFile === undefined) return plain;
  const master = await readMasterKey({
    folder: join(dataDir, 'keys'),
    masterKey,
    masterKeyFile,
    mayCreate: false,
  });
  const root = auth === 'off' ? undefined : (config.rootKey ?? (await storedRootKey(config)));
  const key = keyStore(master, []).derive(PURPOSE);
  const fingerprint = (name: SettingName, ...values: readonly string[]): string =>
    createHmac('sha256', key)
      .update(JSON.stringify([name, ...values]))
      .digest()
      .subarray(0, FINGERPRINT_BYTES)
      .toString('base64url');
  return {
    ...plain,
    masterKey: fingerprint('masterKey'),
    rootKey: root === undefined ? 'none' : fingerprint('rootKey', root.accessKeyId, root.secretAccessKey),
    limits: fingerprint('limits', JSON.stringify(accountLimits(limits))),
  };
}

function placeOf(snapshots: { readonly bucket: string; readonly prefix: string } | undefined): string {
  return snapshots === undefined ? 'none' : `s3://${snapshots.bucket}/${snapshots.prefix}`;
}

/** Compares what both have: other versions may know more, or less. */
export function differences(own: EqualSettings, owner: EqualSettings): Difference[] {
  // Other fingerprints are not comparable then.
  const hasOtherMaster = isOther('masterKey', own, owner);
  // Object.keys returns strings; these are the keys of this object.
  const names = Object.keys(compared) as SettingName[];
  return names.flatMap((setting) => {
    const { name, isSecret, severity } = compared[setting];
    const isHidden = isSecret && hasOtherMaster && setting !== 'masterKey';
    if (isHidden || !isOther(setting, own, owner)) return [];
    const message = isSecret
      ? `${name} is not that of the owner`
      : `${name} is ${own[setting]} here, and ${owner[setting]} at the owner`;
    return [{ setting, message, severity }];
  });
}

function isOther(setting: SettingName, own: EqualSettings, owner: EqualSettings): boolean {
  const [here, there] = [own[setting], owner[setting]];
  return here !== undefined && there !== undefined && here !== there;
}

/** Compares this machine with whichever machine owns the log, and tells the log when that changes. */
export class SettingsCheck {
  readonly #own: EqualSettings;
  readonly #log: Log;
  readonly #reported = new TransitionLog();
  #last: OwnerInfo | undefined;
  #isOdd = false;

  constructor(own: EqualSettings, log: Log) {
    this.#own = own;
    this.#log = log;
  }

  /** None of an owner that does not tell, because it is older. */
  differencesFrom(owner: OwnerInfo | undefined): Difference[] {
    return differences(this.#own, owner?.settings ?? {});
  }

  /** Requests would fail, or be answered wrongly, if this machine took the place of the last owner. */
  get isOdd(): boolean {
    return this.#isOdd;
  }

  /** Requests can be answered here as at the last owner: another version may read rows in another way than it does. */
  get isAlike(): boolean {
    return this.#last?.version === version() && !this.#isOdd;
  }

  look({ owner }: Pick<MemberStatus, 'owner'>): void {
    if (owner === undefined || owner === this.#last) return;
    this.#last = owner;
    const all = this.differencesFrom(owner);
    this.#isOdd = all.some(({ severity }) => severity === 'problem');
    const found = all.map(({ message }) => message);
    if (found.length > 0) {
      if (this.#reported.changed(found.join('; ')))
        this.#log.warn(
          { owner: owner.url, differences: found },
          'settings differ from those of the owner of the shared log',
        );
    } else if (this.#reported.cleared()) {
      this.#log.info({ owner: owner.url }, 'settings are those of the owner of the shared log again');
    }
  }
}
