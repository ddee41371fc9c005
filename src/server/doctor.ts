import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import type { Config } from '../config.ts';
import { serverLimits } from './limits.ts';
import { registrations } from '../services/index.ts';
import type { MachineFinding } from '../services/registration.ts';
import type { Clock } from '../support/clock.ts';
import type { AnyRegistration } from './open-services.ts';

/** Checks what nagare needs from the machine. Changes nothing in the data folder; the server may be running. */
export async function examine(config: Config, now: Clock): Promise<MachineFinding[]> {
  const services: readonly AnyRegistration[] = registrations;
  const ofServices: MachineFinding[] = [];
  for (const service of services) ofServices.push(...((await service.examine?.(config)) ?? []));
  return [
    ...ofServices,
    namespaces(),
    user(),
    cgroup(),
    memory(),
    await disk(config.dataDir),
    fileHandles(),
    await clock(config.dataDir, now),
  ];
}

const ok = (check: string, says: string): MachineFinding => ({ check, state: 'ok', says });
const warning = (check: string, says: string): MachineFinding => ({ check, state: 'warning', says });
const problem = (check: string, says: string): MachineFinding => ({ check, state: 'problem', says });

/** Kernel settings that restrict namespaces to root, with the way to change each. */
const SWITCHES = [
  ['/proc/sys/user/max_user_namespaces', '0', 'sysctl user.max_user_namespaces=10000'],
  ['/proc/sys/kernel/unprivileged_userns_clone', '0', 'sysctl kernel.unprivileged_userns_clone=1'],
  [
    '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    '1',
    'sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for unshare that allows userns',
  ],
] as const;

function namespaces(): MachineFinding {
  const check = 'namespaces';
  if (process.platform !== 'linux') return warning(check, 'only Linux has namespaces');
  const closed = SWITCHES.find(([path, value]) => readText(path)?.trim() === value);
  if (closed === undefined) return ok(check, 'the kernel allows user namespaces to all users');
  const says = `${closed[0]} is ${closed[1]}: only root may create user namespaces; to allow them to all users: ${closed[2]}`;
  return process.getuid?.() === 0 ? ok(check, says) : warning(check, says);
}

function user(): MachineFinding {
  const check = 'user';
  const id = process.getuid?.();
  if (id === undefined) return ok(check, 'this system has no user ids');
  if (id !== 0) return ok(check, `${id}; without a user namespace functions cannot run as another user`);
  return ok(check, 'root; each process of a function gets its own user ID');
}

function cgroup(): MachineFinding {
  const check = 'cgroup';
  if (process.platform !== 'linux') return ok(check, 'only Linux has control groups');
  const path = /^0::(.*)$/m.exec(readText('/proc/self/cgroup') ?? '')?.[1];
  const folder = path === undefined ? undefined : join('/sys/fs/cgroup', path);
  const watched = 'the server watches the memory of functions, and RLIMIT_DATA bounds it';
  if (folder === undefined || !existsSync(join(folder, 'cgroup.controllers')))
    return ok(check, `not version 2; ${watched}`);
  try {
    accessSync(folder, constants.W_OK);
    return ok(check, `${folder} is writable but not used yet; ${watched}`);
  } catch {
    return ok(check, `${folder} is not writable; ${watched}`);
  }
}

const MEBIBYTE = 1024 * 1024;

function memory(): MachineFinding {
  const [free, total] = [freemem(), totalmem()].map((bytes) => Math.round(bytes / MEBIBYTE));
  const says = `${free} of ${total} MB free`;
  return freemem() < serverLimits.doctorFreeBytesMin ? warning('memory', says) : ok('memory', says);
}

async function disk(dataDir: string): Promise<MachineFinding> {
  let folder = dataDir;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  const { bavail, bsize, ffree, files } = await statfs(folder);
  const says = `${Math.round((bavail * bsize) / MEBIBYTE)} MB free at ${folder}`;
  if (files > 0 && ffree === 0) return problem('disk', `${says}, but no inodes are free`);
  return bavail * bsize < serverLimits.doctorFreeBytesMin ? problem('disk', says) : ok('disk', says);
}

function fileHandles(): MachineFinding {
  const check = 'file handles';
  const most = /^Max open files\s+(\S+)/m.exec(readText('/proc/self/limits') ?? '')?.[1];
  if (most === undefined) return ok(check, 'this system does not report its limit');
  const says = `at most ${most} may be open at once`;
  return Number(most) < serverLimits.doctorFileHandlesMin
    ? warning(check, `${says}; raise the limit with ulimit -n or LimitNOFILE`)
    : ok(check, says);
}

/** A clock that was set back gives records times before those of their predecessors. */
async function clock(dataDir: string, now: Clock): Promise<MachineFinding> {
  const nowMs = now.now();
  const newest = await stat(join(dataDir, 'engine', 'segments')).catch(() => undefined);
  const aheadMs = (newest?.mtimeMs ?? 0) - nowMs;
  const says = new Date(nowMs).toISOString();
  if (aheadMs > serverLimits.doctorClockAheadMsMax) {
    return problem('clock', `${says}, but the data folder was written to at ${newest?.mtime.toISOString()}`);
  }
  return ok('clock', says);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
