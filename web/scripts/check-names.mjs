#!/usr/bin/env node
// Whether each module has a name of its own on every machine: where upper and lower case are the same, `./Due` finds
// due.ts before Due.tsx, and what is imported is not what was meant.
import { readdirSync } from 'node:fs';

const modules = readdirSync(process.argv[2] ?? 'src', { recursive: true }).filter((file) => /\.tsx?$/.test(file));
const nameOf = (file) => file.replace(/\.tsx?$/, '').toLowerCase();
const known = new Set();
const twice = modules.filter((file) => known.size === known.add(nameOf(file)).size);
if (modules.length === 0 || twice.length > 0) {
  console.error(`check-names: another module has the same name on some machines:\n  ${twice.join('\n  ')}`);
  process.exit(1);
}
