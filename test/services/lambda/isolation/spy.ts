/** Tries all that it can think of against the server at `event.pid`, whose folder is `event.folder`. */
export const spy = `
import fs from 'node:fs';
import os from 'node:os';
import { execFileSync } from 'node:child_process';
export const handler = async ({ pid, folder, secretFile }) => {
  const said = {};
  const attempt = (name, work) => {
    try { said[name] = String(work()).slice(0, 200); } catch (error) { said[name] = 'refused ' + (error.code ?? error.message); }
  };
  for (const of of new Set([pid, process.ppid, 1])) {
    attempt('environment of ' + of, () => fs.readFileSync('/proc/' + of + '/environ', 'latin1').includes('SECRET_OF_SERVER'));
    attempt('memory of ' + of, () => { const file = fs.openSync('/proc/' + of + '/mem', 'r'); return fs.readSync(file, Buffer.alloc(8), 0, 8, 4096); });
    attempt('files of ' + of, () => fs.readdirSync('/proc/' + of + '/fd').length);
    attempt('root of ' + of, () => fs.readdirSync('/proc/' + of + '/root' + folder).length);
    attempt('signal to ' + of, () => process.kill(of, 'SIGTERM'));
  }
  attempt('all signals', () => execFileSync('/bin/sh', ['-c', 'kill -STOP -1 2>/dev/null; kill -CONT -1 2>/dev/null; echo done']));
  attempt('the data folder', () => fs.readdirSync(folder));
  attempt('the engine', () => fs.readdirSync(folder + '/engine'));
  attempt('writing into the engine', () => fs.writeFileSync(folder + '/engine/evil', 'x'));
  attempt('the key', () => fs.readFileSync(folder + '/keys/master.key', 'utf8'));
  attempt('the key through a link', () => { fs.symlinkSync(folder + '/keys/master.key', os.tmpdir() + '/key'); return fs.readFileSync(os.tmpdir() + '/key', 'utf8'); });
  attempt('the key from above', () => fs.readFileSync('/proc/self/cwd/../../../../../../..' + folder + '/keys/master.key', 'utf8'));
  attempt('the key by a hard link', () => fs.linkSync(folder + '/keys/master.key', os.tmpdir() + '/hard'));
  attempt('another secret', () => fs.readFileSync(secretFile, 'utf8'));
  attempt('its own code', () => fs.writeFileSync(new URL(import.meta.url).pathname, 'x'));
  attempt('beside its code', () => fs.writeFileSync(process.env.LAMBDA_TASK_ROOT + '/evil', 'x'));
  attempt('shadow', () => fs.readFileSync('/etc/shadow', 'utf8'));
  attempt('a setuid program', () => execFileSync('/bin/su', ['-c', 'id'], { stdio: 'pipe' }));
  attempt('a namespace', () => execFileSync('unshare', ['--user', '--map-root-user', '--mount', 'id'], { stdio: 'pipe' }));
  attempt('a mount', () => execFileSync('mount', ['-t', 'tmpfs', 'none', '/tmp'], { stdio: 'pipe' }));
  return {
    said,
    user: process.getuid(),
    environment: JSON.stringify(process.env).includes('SECRET_OF_SERVER'),
    status: fs.readFileSync('/proc/self/status', 'latin1'),
    processes: fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).length,
    root: fs.readdirSync('/'),
    task: process.env.LAMBDA_TASK_ROOT,
  };
};`;

export interface Spied {
  readonly said: Readonly<Record<string, string>>;
  readonly user: number;
  readonly environment: boolean;
  readonly status: string;
  readonly processes: number;
  readonly root: readonly string[];
  readonly task: string;
}
