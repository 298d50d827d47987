#!/usr/bin/env node
// Whether the programs that the build is made of are there for this very platform, and load. Vite's own message for any
// of it blames one npm bug; this one says what is there, what is not, and what commonly causes that.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Packages of which each platform has a binding of its own, found from the package that needs them. */
const ROOTS = [
  ['vite', 'rolldown'],
  ['vite', 'lightningcss'],
];

const root = process.cwd();
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
const machine = { os: process.platform, cpu: process.arch, libc: libc() };
const platform = [machine.os, machine.cpu, machine.libc].filter(Boolean).join('-');

/** Of the Node that runs, not of the userland around it: a glibc Node works on Alpine. */
function libc() {
  if (process.platform !== 'linux') return undefined;
  if (process.report) process.report.excludeNetwork = true; // else it looks up names, which may take seconds
  const { header, sharedObjects = [] } = process.report?.getReport() ?? {};
  if (header?.glibcVersionRuntime) return 'glibc';
  if (sharedObjects.some((file) => /ld-musl-|libc\.musl-/.test(file))) return 'musl';
  try {
    if (readFileSync('/usr/bin/ldd', 'utf8').includes('musl')) return 'musl';
  } catch {
    // Not every image has it.
  }
  if (existsSync('/lib') && readdirSync('/lib').some((file) => file.startsWith('ld-musl-'))) return 'musl';
  try {
    return /musl/.test(execFileSync('ldd', ['--version'], { encoding: 'utf8', stdio: 'pipe' })) ? 'musl' : 'glibc';
  } catch (error) {
    return /musl/.test(String(error.stderr)) ? 'musl' : 'glibc';
  }
}

/** The folder of a package, as the one that needs it would find it. */
function folderOf(name, from) {
  const place = createRequire(join(from, 'package.json')).resolve.paths(name)?.find((path) => existsSync(join(path, name)));
  return place && join(place, name);
}

const manifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** The bindings that a package wants here: those the lock marks for this platform, else those named so. */
function wanted(optional) {
  const fits = (of, mine) => !of || !mine || of.includes(mine);
  const locked = Object.keys(optional).filter((name) => {
    const entry = lock[`node_modules/${name}`];
    return entry?.os && fits(entry.os, machine.os) && fits(entry.cpu, machine.cpu) && fits(entry.libc, machine.libc);
  });
  if (locked.length > 0) return locked;
  const abi = { glibc: 'gnu(eabihf)?', musl: 'musl(eabihf)?' }[machine.libc] ?? '(msvc)?';
  const ending = new RegExp(`-${machine.os}-${machine.cpu}(-${abi})?$`);
  return Object.keys(optional).filter((name) => ending.test(name));
}

/** What is wrong with a binding; undefined when nothing is. In a child, because one that was cut off kills who loads it. */
function fault(name, version, from) {
  const folder = folderOf(name, from);
  if (!folder) return 'is not installed';
  const found = manifest(folder).version;
  if (found !== version) return `is of version ${found}, ${version} is wanted`;
  const loaded = spawnSync(process.execPath, ['-e', 'require(process.argv[1])', folder], { encoding: 'utf8', timeout: 30_000 });
  if (loaded.status === 0) return undefined;
  const cause = loaded.signal ? `its process ended by ${loaded.signal}` : loaded.stderr.match(/^\w*Error.*$/m)?.[0];
  return `does not load: ${cause ?? `status ${loaded.status}`}`;
}

const faults = [];
for (const chain of ROOTS) {
  const folder = chain.reduce((from, name) => from && folderOf(name, from), root);
  if (!folder) {
    faults.push(`${chain.join(' > ')} is not installed`);
    continue;
  }
  const { name, version, optionalDependencies = {} } = manifest(folder);
  const bindings = wanted(optionalDependencies);
  if (bindings.length === 0) faults.push(`${name}@${version} publishes nothing for ${platform}`);
  for (const binding of bindings) {
    const wrong = fault(binding, optionalDependencies[binding], folder);
    const others = Object.keys(optionalDependencies).filter((one) => one !== binding && folderOf(one, folder));
    if (wrong)
      faults.push(
        `${binding} ${wrong} (${lock[`node_modules/${binding}`] ? 'the lock has it' : 'the lock lacks it'}; ` +
          `of others there is ${others.join(', ') || 'none'})`,
      );
    else console.log(`native-check: ${binding}@${optionalDependencies[binding]} loads`);
  }
}
if (faults.length > 0) {
  const omit = process.env.npm_config_omit ?? process.env.NPM_CONFIG_OMIT;
  console.error(`native-check: the web UI cannot be built on ${platform}, Node ${process.version}.
${faults.map((one) => `  FAIL ${one}`).join('\n')}
  Causes, the likeliest first:
    - it was installed with --omit=optional${omit ? ` (NPM_CONFIG_OMIT is "${omit}" here)` : ' or NPM_CONFIG_OMIT'}
    - node_modules came from a machine of another architecture or libc
    - package-lock.json lacks the platform: node scripts/check-lock.mjs package-lock.json
  The way out: rm -rf node_modules && npm ci --include=optional`);
  process.exit(1);
}
