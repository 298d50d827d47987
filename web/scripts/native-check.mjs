#!/usr/bin/env node
// Fail fast when the bundler's native optional dependency for THIS platform/arch/libc is absent or does not load.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const req = createRequire(join(process.cwd(), 'package.json'));
function libc() {
  if (process.platform !== 'linux') return null;
  const h = process.report?.getReport?.()?.header;
  if (h?.glibcVersionRuntime) return 'glibc';
  if ((process.report?.getReport?.()?.sharedObjects ?? []).some((f) => /ld-musl-|libc\.musl-/.test(f))) return 'musl';
  try {
    if (readFileSync('/usr/bin/ldd', 'utf8').includes('musl')) return 'musl';
  } catch {}
  try {
    if (readdirSync('/lib').some((f) => f.startsWith('ld-musl-'))) return 'musl';
  } catch {}
  try {
    return /musl/.test(execFileSync('ldd', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }))
      ? 'musl'
      : 'glibc';
  } catch (e) {
    return /musl/.test(String(e.stderr)) ? 'musl' : 'glibc';
  }
}
const me = { os: process.platform, cpu: process.arch, libc: libc() };
const matches = (m) =>
  (!m.os || m.os.includes(me.os)) &&
  (!m.cpu || m.cpu.includes(me.cpu)) &&
  (!m.libc || !me.libc || m.libc.includes(me.libc));
// roots: packages whose optionalDependencies are per-platform binaries
const roots = process.argv.slice(2).length ? process.argv.slice(2) : ['vite>rolldown', 'vite>lightningcss'];
const lock = existsSync('package-lock.json') ? JSON.parse(readFileSync('package-lock.json', 'utf8')).packages : {};
let bad = 0;
console.log(
  `native-check ${me.os}-${me.cpu}${me.libc ? '-' + me.libc : ''} node ${process.version} (abi ${process.versions.modules}, napi ${process.versions.napi})`,
);
for (const chain of roots) {
  let from = req,
    dir;
  try {
    for (const name of chain.split('>')) {
      dir = dirname(findPkg(from, name));
      from = createRequire(join(dir, 'package.json'));
    }
  } catch (e) {
    console.error(`FAIL ${chain}: ${e.message}`);
    bad++;
    continue;
  }
  const pkg = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
  const want = Object.keys(pkg.optionalDependencies ?? {}).map((n) => [
    n,
    Object.entries(lock).find(
      ([k, v]) => k.endsWith('node_modules/' + n) && v.version === pkg.optionalDependencies[n],
    )?.[1],
  ]);
  const locked = want.filter(([, m]) => m && matches(m)).map(([n]) => n);
  const suffix =
    me.os === 'linux'
      ? me.cpu === 'arm'
        ? me.libc === 'musl'
          ? 'musleabihf'
          : 'gnueabihf'
        : me.libc === 'musl'
          ? 'musl'
          : 'gnu'
      : me.os === 'win32'
        ? 'msvc'
        : '';
  const guess = want.map(([n]) => n).filter((n) => n.endsWith([me.os, me.cpu, suffix].filter(Boolean).join('-')));
  const cand = [...new Set([...locked, ...guess])];
  if (!cand.length) {
    console.error(
      `FAIL ${pkg.name}@${pkg.version}: publishes no binary for this platform, or the lockfile lists none (${want.length} declared)`,
    );
    bad++;
    continue;
  }
  for (const n of cand)
    try {
      const v = JSON.parse(readFileSync(findPkg(from, n), 'utf8')).version;
      const m = from(n);
      if (v !== pkg.optionalDependencies[n])
        throw new Error(`version ${v}, parent wants ${pkg.optionalDependencies[n]}`);
      console.log(`ok   ${pkg.name}@${pkg.version} -> ${n}@${v} (${Object.keys(m).length} exports)`);
    } catch (e) {
      console.error(`FAIL ${pkg.name}@${pkg.version} -> ${n}: ${e.code ?? ''} ${e.message.split('\n')[0]}`);
      bad++;
    }
}
function findPkg(r, name) {
  for (const p of r.resolve.paths(name) ?? []) {
    const f = join(p, name, 'package.json');
    if (existsSync(f)) return f;
  }
  const e = new Error(`Cannot find package ${name}`);
  e.code = 'MODULE_NOT_FOUND';
  throw e;
}
if (bad) {
  console.error(
    `\n${bad} native binding(s) missing or broken. Causes: npm ci ran with --omit=optional/NPM_CONFIG_OMIT, node_modules copied from another arch/libc, or an incomplete package-lock.json (npm/cli#4828). Fix: rm -rf node_modules && npm ci --include=optional on THIS platform; if still missing, rm -rf node_modules package-lock.json && npm install.`,
  );
  process.exit(1);
}
