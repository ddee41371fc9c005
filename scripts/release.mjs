// Makes a release: node scripts/release.mjs <version> [--dry-run] [--skip-checks]
//
// Everything is built in a clone of HEAD, so that no file that is not committed gets into the package. The clone gets
// the version, the changelog's heading, a commit and a tag; it is checked, packed, and described by an SBOM. Without
// --dry-run the commit and the tag are brought into this repository and the files into release/. Nothing is published:
// npm makes a provenance statement only in a CI that it trusts, and the last line says by which command.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdtempSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'dry-run': { type: 'boolean' }, 'skip-checks': { type: 'boolean' } },
});
const [version] = positionals;
if (version === undefined || positionals.length > 1 || !/^\d+\.\d+\.\d+(-[0-9a-z.-]+)?$/.test(version)) {
  fail('usage: node scripts/release.mjs <version> [--dry-run] [--skip-checks], with a version such as 1.2.3');
}
const isDryRun = values['dry-run'] === true;
const tag = `v${version}`;

if (run('git', ['tag', '--list', tag], root) !== '') fail(`the tag ${tag} exists already`);
if (!isDryRun && run('git', ['status', '--porcelain'], root) !== '') fail('commit your changes first');

const work = mkdtempSync(join(tmpdir(), 'nagare-release-'));
try {
  release();
} finally {
  rmSync(work, { recursive: true, force: true });
}

function release() {
  const clone = join(work, 'nagare');
  const built = join(work, 'release');
  mkdirSync(built);
  run('git', ['clone', '--quiet', '--no-hardlinks', root, clone], work);
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));

  run('npm', ['version', version, '--no-git-tag-version', '--allow-same-version'], clone);
  const notes = releaseChangelog(join(clone, 'CHANGELOG.md'));
  if (!values['skip-checks']) run('npm', ['run', '--silent', 'check'], clone);
  run('git', ['commit', '--quiet', '--all', '--message', `Release ${version}`], clone);
  run('git', ['tag', '--annotate', tag, '--message', `nagare ${version}`], clone);

  run('npm', ['pack', '--silent', '--pack-destination', built], clone);
  if (run('git', ['status', '--porcelain', '--untracked-files=no'], clone) !== '')
    fail('packing changed files');
  const sbom = run(
    'npm',
    ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only'],
    clone,
  );
  writeFileSync(join(built, `nagare-${version}.cdx.json`), `${sbom}\n`);
  writeFileSync(join(built, `nagare-${version}.md`), notes);
  const sums = readdirSync(built).map(
    (file) =>
      `${createHash('sha256')
        .update(readFileSync(join(built, file)))
        .digest('hex')}  ${file}\n`,
  );
  writeFileSync(join(built, 'SHA256SUMS'), sums.join(''));

  process.stdout.write(`nagare ${version}:\n${sums.join('')}`);
  if (isDryRun) return process.stdout.write('dry run: nothing was changed\n');

  run('git', ['fetch', '--quiet', clone, 'HEAD', `refs/tags/${tag}:refs/tags/${tag}`], root);
  run('git', ['merge', '--quiet', '--ff-only', tag], root);
  const target = join(root, 'release');
  mkdirSync(target, { recursive: true });
  for (const file of readdirSync(built)) writeFileSync(join(target, file), readFileSync(join(built, file)));
  process.stdout.write(
    `committed and tagged ${tag}; the files are in release/. Push the tag, and publish in CI with\n` +
      `  npm publish release/nagare-${version}.tgz --provenance --access public\n`,
  );
}

/** Puts the heading of this version above what is unreleased. Returns the notes of the release. */
function releaseChangelog(file) {
  const text = readFileSync(file, 'utf8');
  const heading = '## Unreleased\n';
  const start = text.indexOf(heading);
  if (start === -1) fail('CHANGELOG.md has no section "## Unreleased"');
  const rest = text.slice(start + heading.length);
  const next = rest.indexOf('\n## ');
  const notes = (next === -1 ? rest : rest.slice(0, next)).trim();
  if (notes === '') fail('CHANGELOG.md has nothing under "## Unreleased"');
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(file, `${text.slice(0, start)}${heading}\n## ${version} (${date})\n${rest}`);
  return `${notes}\n`;
}

function run(command, args, cwd) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}

function fail(reason) {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}
