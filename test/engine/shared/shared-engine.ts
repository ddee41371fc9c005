import type { EmbeddedEngineOptions } from '../../../src/engine/embedded/open.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import {
  openSharedEngine,
  type SharedEngine,
  type SharedEngineOptions,
} from '../../../src/engine/shared/open.ts';
import type { MemberOptions } from '../../../src/engine/shared/member-options.ts';
import type { SharedLog } from '../../../src/engine/shared/shared-log.ts';
import { silentLog } from '../../../src/support/log.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { until } from '../../support/until.ts';

type Options = Partial<Omit<EmbeddedEngineOptions, 'log'>> & {
  readonly log: SharedLog;
  readonly shared?: Partial<MemberOptions>;
  readonly snapshots?: SharedEngineOptions['snapshots'];
};

/** A member with short waits by the real clock. */
export async function openMember({ log, shared, ...rest }: Options): Promise<SharedEngine> {
  return await openSharedEngine({
    folder: '',
    clock: systemClock,
    ...rest,
    log: silentLog,
    shared: {
      log,
      self: { url: 'http://a', version: '1.0.0' },
      random: Math.random,
      takeOverAfterMs: 200,
      ...shared,
    },
  });
}

export async function untilOwner({ member }: SharedEngine): Promise<void> {
  await until(() => member.status().role === 'owner');
}

/** The engine of a member; its `close` closes the member too. */
export function engineOf(shared: SharedEngine): Engine {
  return new Proxy(shared.engine, {
    get(engine, name) {
      if (name === 'close') return () => shared.close();
      const value: unknown = Reflect.get(engine, name, engine);
      return typeof value === 'function' ? (value.bind(engine) as unknown) : value;
    },
  });
}
