// lockfile completeness: every optionalDependency a locked package declares must itself be locked (version + integrity)
import { readFileSync } from 'node:fs';

const lock = JSON.parse(readFileSync(process.argv[2] ?? 'package-lock.json', 'utf8'));
const pk = lock.packages;
const missing = [],
  bad = [],
  fam = {};
for (const [path, p] of Object.entries(pk))
  for (const dep of Object.keys(p.optionalDependencies ?? {})) {
    let base = path,
      hit;
    for (;;) {
      const k = (base ? base + '/' : '') + 'node_modules/' + dep;
      if (pk[k]) {
        hit = k;
        break;
      }
      if (!base) break;
      const i = base.lastIndexOf('/node_modules/');
      base = i < 0 ? '' : base.slice(0, i);
    }
    const owner = (path.replace(/.*node_modules\//, '') || '(root)') + '@' + p.version;
    fam[owner] ??= [0, 0];
    fam[owner][1]++;
    if (!hit) missing.push(`${owner} -> ${dep}`);
    else {
      fam[owner][0]++;
      if (!pk[hit].version || !pk[hit].integrity) bad.push(hit);
    }
  }
console.log(fam);
if (bad.length) console.log('no version/integrity:', bad);
if (missing.length) {
  console.error(`INCOMPLETE: ${missing.length}\n  ` + missing.join('\n  '));
  process.exit(1);
}
