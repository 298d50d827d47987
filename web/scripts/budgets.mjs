#!/usr/bin/env node
// What a browser loads for each page, in kB gzipped, against what we allow ourselves. Reads the build in dist/ (or the
// folder given), so it runs after `npm run build`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** kB: what signing in, any page, any part loaded later, and the styles and fonts of a page may weigh. */
const MOST = { login: 115, page: 220, part: 80, css: 25, fonts: 100 };

const dist = process.argv[2] ?? 'dist';
const manifest = JSON.parse(readFileSync(join(dist, '.vite', 'manifest.json'), 'utf8'));
const sizes = new Map();

function kB(file, zipped = true) {
  if (!sizes.has(file)) {
    const bytes = readFileSync(join(dist, file));
    sizes.set(file, (zipped ? gzipSync(bytes, { level: 9 }) : bytes).length / 1000);
  }
  return sizes.get(file);
}

/** A chunk and all that it cannot begin without. */
function needs(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const one of manifest[key].imports ?? []) needs(one, found);
  return found;
}

const sum = (files, zipped) => [...files].reduce((total, file) => total + kB(file, zipped), 0);
const scripts = (keys) => new Set([...keys].map((key) => manifest[key].file));
const styles = (keys) => new Set([...keys].flatMap((key) => manifest[key].css ?? []));

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const [entrance, app, shell] = ['src/app/Entrance.tsx', 'src/app/App.tsx', 'src/features/shell/Shell.tsx'];
// Signing in while the application is there, and what is asked before anything else.
const BARE = /auth\/(LoginPage|Invitation|Password)\.tsx$/;
const rows = [];
for (const [key, chunk] of Object.entries(manifest)) {
  if (!chunk.isDynamicEntry) continue;
  const bare = BARE.test(key);
  const page = bare || /^src\/features\/.*Page\.tsx$/.test(key);
  const around = page ? [app, ...(bare ? [] : [shell])] : [];
  const keys = new Set([entry, ...around, key].flatMap((one) => [...needs(one)]));
  if (page || key === entrance) {
    rows.push([key, sum(scripts(keys)), page ? MOST.page : MOST.login, sum(styles(keys))]);
  } else if (key !== shell && key !== app) {
    // What comes later counts by itself: the page that asks for it is there.
    rows.push([key, kB(chunk.file), MOST.part, sum(styles(new Set([key])))]);
  }
}

let over = 0;
const mark = (value, most) => (value > most ? (over++, ' OVER') : '');
console.log('kB gzipped                                         scripts    most   styles');
for (const [key, js, most, css] of rows.sort(([, one], [, other]) => other - one)) {
  const name = key.replace(/src\/(features\/)?/, '').replace('.tsx', '').padEnd(48);
  console.log(`${name} ${js.toFixed(1).padStart(9)} ${String(most).padStart(7)} ${css.toFixed(1).padStart(8)}${mark(js, most)}${mark(css, MOST.css)}`);
}
// Of the fonts' many parts a page in Latin script loads these.
const fonts = readdirSync(join(dist, 'assets')).filter((name) => /latin-(?!ext).*\.woff2$/.test(name) && !name.includes('ext'));
const heavy = sum(fonts.map((name) => join('assets', name)), false);
console.log(`fonts, as they are ${heavy.toFixed(1).padStart(38)} ${String(MOST.fonts).padStart(7)}${mark(heavy, MOST.fonts)}`);
if (over > 0) {
  console.error(`budgets: ${over} over what we allow ourselves`);
  process.exit(1);
}
