#!/usr/bin/env node
// Whether the lock is whole: each package for another platform that some package may need has to be locked with version
// and integrity, or `npm ci` refuses elsewhere what installs here; and none may name a registry.
import { readFileSync } from 'node:fs';

const file = process.argv[2] ?? 'package-lock.json';
const { packages } = JSON.parse(readFileSync(file, 'utf8'));

/** The entry that `name` means to the package at `path`: its own, or the nearest above it. */
function entryOf(name, path) {
  for (let place = path; ; place = place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/')))) {
    const entry = packages[`${place ? `${place}/` : ''}node_modules/${name}`];
    if (entry || !place) return entry;
    if (!place.includes('/node_modules/')) return packages[`node_modules/${name}`];
  }
}

const faults = [];
let optional = 0;
for (const [path, entry] of Object.entries(packages)) {
  if (path && !entry.link && !entry.integrity) faults.push(`${path} has no integrity`);
  if (entry.resolved) faults.push(`${path} names a registry`);
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    optional += 1;
    if (!entryOf(name, path)?.version) faults.push(`${path || 'the project'} may need ${name}, which is not locked`);
  }
}
if (faults.length > 0) {
  console.error(`check-lock: ${file} is not whole:\n  ${faults.join('\n  ')}`);
  process.exit(1);
}
console.log(`check-lock: ${Object.keys(packages).length - 1} packages, ${optional} of them for single platforms, all locked`);
