import { APPLY_PATH } from './apply.ts';
import { BACKUP_PATH } from './backup.ts';
import { DESCRIBE_PATH } from './describe.ts';
import { METRICS_PATH } from './metrics.ts';
import { READERS_PATH } from './readers.ts';
import { SCRUB_PATH } from './scrub.ts';
import { CLOCK_PATH } from './server-clock.ts';
import { SUPPORT_ACTION, SUPPORT_PATH } from './support/support.ts';

/** What a user or role needs for nagare's own paths, on the resource `*`. All other paths are for the root key. */
export const ownActions: Readonly<Record<string, string>> = {
  [APPLY_PATH]: 'nagare:Apply',
  [BACKUP_PATH]: 'nagare:Backup',
  [DESCRIBE_PATH]: 'nagare:Declare',
  [METRICS_PATH]: 'nagare:GetMetrics',
  [READERS_PATH]: 'nagare:GetReaders',
  [SUPPORT_PATH]: SUPPORT_ACTION,
  [SCRUB_PATH]: 'nagare:Scrub',
  [CLOCK_PATH]: 'nagare:SetClock',
};
