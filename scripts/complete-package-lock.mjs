// After `npm install <package>`, when the registry has the packages of some platforms only: npm then leaves the others
// out of package-lock.json, and `npm ci` refuses the file. Names them again, from what the packages say they need.
import { readFileSync, writeFileSync } from 'node:fs';

const SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const PROCESSORS = ['arm64', 'arm', 'x64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x'];

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const { packages } = lock;

for (const entry of Object.values(packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    packages[`node_modules/${name}`] ??= entryOf(name, version, entry);
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);

/** Such packages are called by what they are for: `@oxfmt/binding-linux-arm64-musl`. */
function entryOf(name, version, { dev, license }) {
  const words = name.split('/').at(-1).split('-');
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined) throw new Error(`what platform is ${name} for?`);
  const isMusl = words.includes('musl') || words.includes('musleabihf');
  const isGlibc = words.includes('gnu') || words.includes('gnueabihf');
  return {
    version,
    cpu: [cpu],
    ...(dev === true ? { dev } : {}),
    ...(isMusl || isGlibc ? { libc: [isMusl ? 'musl' : 'glibc'] } : {}),
    license,
    optional: true,
    os: [os],
  };
}
