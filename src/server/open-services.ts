import type { Contracts, Registration, RunningService, ServiceContext } from '../services/registration.ts';
import type { Lifecycle } from '../support/lifecycle.ts';

/** What the server needs to know of a registration, independent of the types of its needs and contracts. */
export type AnyRegistration = Pick<
  Registration,
  | 'name'
  | 'needs'
  | 'offers'
  | 'declares'
  | 'describeRecords'
  | 'storedFiles'
  | 'moves'
  | 'examine'
  | 'reseal'
  | 'atStandby'
> & {
  // A method, so that registrations with fewer needs are assignable: `openServices` passes each exactly what it names.
  open(context: ServiceContext, contracts: never): unknown;
};

/** With the sections of `nagare.yaml` that it registered. */
export type AnyRunningService = RunningService<keyof Contracts> & Required<Pick<Registration, 'declares'>>;

/** Opens the services, each after those whose contracts it needs, and adds them to the lifecycle, which stops them. */
export async function openServices(
  registrations: readonly AnyRegistration[],
  context: ServiceContext,
  lifecycle: Lifecycle,
): Promise<AnyRunningService[]> {
  const offered: Partial<Contracts> = {};
  const running: AnyRunningService[] = [];
  for (const registration of inOrderOfNeeds(registrations)) {
    // `register` checks `open` against the declared needs and contracts, and the order of needs ensures that every
    // needed contract exists.
    const open = registration.open.bind(registration) as (
      context: ServiceContext,
      contracts: Partial<Contracts>,
    ) => RunningService<keyof Contracts> | Promise<RunningService<keyof Contracts>>;
    const service = await open(context, offered);
    Object.assign(offered, service.offers);
    const { quiesce, close } = service;
    if (quiesce !== undefined) lifecycle.caller({ close: quiesce });
    if (close !== undefined) lifecycle.called({ close });
    running.push({ ...service, declares: registration.declares ?? [] });
  }
  return running;
}

/**
 * Throws when two services need each other, or when no service offers a needed contract: a mistake in the
 * registrations.
 */
export function inOrderOfNeeds<Some extends AnyRegistration>(registrations: readonly Some[]): Some[] {
  const waiting = [...registrations];
  const ordered: Some[] = [];
  const offered = new Set<string>();
  while (waiting.length > 0) {
    const index = waiting.findIndex(({ needs }) => needs.every((need) => offered.has(need)));
    const [next] = index === -1 ? [] : waiting.splice(index, 1);
    if (next === undefined) {
      const open = waiting.map(({ name, needs }) => `${name} needs ${needs.join(', ')}`);
      throw new Error(`services cannot be opened: ${open.join('; ')}`);
    }
    for (const contract of next.offers) offered.add(contract);
    ordered.push(next);
  }
  return ordered;
}
