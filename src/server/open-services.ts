import type { Contracts, Registration, RunningService, ServiceContext } from '../services/registration.ts';
import type { Lifecycle } from '../support/lifecycle.ts';

/** What the server needs to know of a registration, whatever the service needs and offers. */
export type AnyRegistration = Pick<
  Registration,
  'name' | 'needs' | 'offers' | 'declares' | 'describeRecords' | 'storedFiles' | 'examine'
> & {
  // A method, so that registrations of narrower needs fit: `openServices` hands each just what it names.
  open(context: ServiceContext, contracts: never): unknown;
};

/** With the sections of `nagare.yaml` that it registered. */
export type AnyRunningService = RunningService<keyof Contracts> & Required<Pick<Registration, 'declares'>>;

/** Opens the services, each after those whose contracts it needs, and adds them to what the lifecycle stops. */
export async function openServices(
  registrations: readonly AnyRegistration[],
  context: ServiceContext,
  lifecycle: Lifecycle,
): Promise<AnyRunningService[]> {
  const offered: Partial<Contracts> = {};
  const running: AnyRunningService[] = [];
  for (const registration of inOrderOfNeeds(registrations)) {
    // Registrations are written with `register`, which holds `open` to what it returns and takes; the order of needs
    // makes every needed contract be there.
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

/** Throws when two need each other, or nobody offers what one needs: a mistake in the registrations. */
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
