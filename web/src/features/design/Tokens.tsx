import type { CSSProperties } from 'react';
import s from './Design.module.css';
import { Specimen, States } from './Specimen';

const COLOURS: readonly (readonly [group: string, use: string, names: readonly string[]])[] = [
  [
    'Grounds',
    'From the page’s ground up to what lies above it',
    ['app', 'surface', 'subtle', 'raised', 'inset', 'field', 'hover', 'active', 'selected', 'inverse'].map(
      (one) => `bg-${one}`,
    ),
  ],
  ['Lines', 'strong is 3:1, for controls', ['subtle', 'default', 'strong', 'focus'].map((one) => `border-${one}`)],
  [
    'Text',
    'Each is 4.5:1 on every ground it stands on',
    ['default', 'muted', 'subtle', 'on-inverse', 'accent'].map((one) => `fg-${one}`),
  ],
  [
    'Accent',
    'Violet, so that what is chosen never looks like a severity',
    ['accent-solid', 'accent-on-solid', 'accent-tint'],
  ],
  [
    'Severity',
    'Told apart by any sight, and never by colour alone',
    ['critical', 'high', 'medium', 'low', 'info'].flatMap((one) => [`severity-${one}`, `severity-${one}-text`]),
  ],
  ['State', 'What went well, may go wrong, went wrong', ['success', 'warning', 'danger', 'danger-tint']],
];
const SIZES = ['2xs', 'xs', 'sm', 'md', 'lg', 'xl'];

/** Colours and sizes by their names. */
export function Tokens() {
  return (
    <>
      {COLOURS.map(([group, use, names]) => (
        <Specimen key={group} name={group} use={use}>
          <ul className={s.swatches}>
            {names.map((name) => (
              <li key={name} className={s.swatch}>
                <span
                  className={s.colour}
                  style={{ '--at': `var(--color-${name})` } as CSSProperties}
                  aria-hidden="true"
                />
                {name}
              </li>
            ))}
          </ul>
        </Specimen>
      ))}
      <Specimen name="Type" use="Inter for words, JetBrains Mono for times, hosts, addresses and hashes alone">
        <States
          of={SIZES.map((size) => [
            size,
            <span key={size} className={s.size} style={{ '--text': `var(--text-${size})` } as CSSProperties}>
              Alerts 1,234 <span className="u-mono">192.0.2.1</span>
            </span>,
          ])}
        />
      </Specimen>
    </>
  );
}
