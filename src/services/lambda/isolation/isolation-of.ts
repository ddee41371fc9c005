import type { Log } from '../../../support/log.ts';
import { chooseIsolation } from './choose.ts';
import type { Isolation, IsolationLevel } from './isolation.ts';

/** The isolation that functions are to have, and what none of them may see. */
export interface IsolationWish {
  readonly isolation?: IsolationLevel | 'auto';
  readonly folder: string;
  readonly above?: readonly string[];
  readonly hidden?: readonly string[];
  readonly log: Log;
}

/** Logs a level that is not available, unless the user configured a weaker one. */
export async function isolationOf({
  isolation: wanted = 'auto',
  folder,
  above = [],
  hidden = [],
  log,
}: IsolationWish): Promise<Isolation> {
  const chosen = await chooseIsolation({ wanted, folder, above, hidden: [...above, folder, ...hidden] });
  const { level } = chosen.isolation;
  if (level === 'strict' || wanted !== 'auto') return chosen.isolation;
  const how =
    level === 'user'
      ? 'functions run as another user, but not in namespaces of their own'
      : "functions are not isolated: they may do whatever the server's user may do";
  log.warn({ reasons: chosen.reasons }, `${how}; run \`nagare doctor\` to see why`);
  return chosen.isolation;
}
