import { describe, expect, test } from 'vitest';
import { between, contrast, distance, linear, SIGHTS, seen } from '@/test/colour';
import css from './tokens.css?raw';

const HEX = '(#[0-9a-f]{3,6})';

/** A colour as a theme has it. */
function colour(name: string, theme: 'light' | 'dark'): string {
  const [, light, dark] = new RegExp(`--color-${name}: light-dark\\(${HEX}, ${HEX}\\)`).exec(css) ?? [];
  const [, either] = new RegExp(`--color-${name}: ${HEX};`).exec(css) ?? [];
  const found = either ?? (theme === 'light' ? light : dark);
  if (!found) throw new Error(`tokens.css has no --color-${name}`);
  return found;
}

const SURFACES = ['app', 'surface', 'subtle', 'raised', 'inset', 'field', 'hover', 'active', 'selected'];
const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'];
const on = (texts: readonly string[], surfaces: readonly string[]) =>
  texts.flatMap((text) => surfaces.map((surface) => [text, `bg-${surface}`] as const));

const TEXT = [
  ...on(['fg-default', 'fg-muted'], SURFACES),
  ...on(['fg-subtle'], ['app', 'surface', 'subtle', 'raised', 'inset', 'field', 'hover']),
  ...on(['fg-accent'], ['app', 'surface', 'subtle', 'raised', 'inset', 'field', 'hover']),
  ...on(
    SEVERITIES.map((one) => `severity-${one}-text`),
    ['surface', 'raised', 'hover', 'active', 'selected'],
  ),
  ...on(['success', 'warning', 'danger'], ['surface', 'subtle', 'raised', 'hover']),
  ['severity-critical-on', 'severity-critical-fill'],
  ['accent-on-solid', 'accent-solid'],
  ['fg-on-inverse', 'bg-inverse'],
  ['fg-accent', 'accent-tint'],
  ['fg-default', 'accent-tint'],
  ['fg-default', 'danger-tint'],
  ['danger', 'danger-tint'],
  ...['clear', 'green', 'amber', 'red'].map((one) => [`tlp-${one}`, 'tlp-bg'] as const),
] as const;

const SHAPES = [
  ...on(
    SEVERITIES.map((one) => `severity-${one}`),
    ['app', 'surface', 'raised', 'hover'],
  ),
  ...on(['border-strong', 'border-focus'], ['app', 'surface', 'subtle', 'raised', 'field']),
  ...on(['accent-solid'], ['app', 'surface', 'raised']),
] as const;

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test.each(TEXT)('%s can be read on %s', (text, surface) => {
    expect(contrast(colour(text, theme), colour(surface, theme))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(SHAPES)('%s is seen on %s', (shape, surface) => {
    expect(contrast(colour(shape, theme), colour(surface, theme))).toBeGreaterThanOrEqual(3);
  });

  test.each(Object.entries(SIGHTS))('severities are told from each other by %s sight', (_, sight) => {
    const colours = SEVERITIES.map((one) => seen(sight, linear(colour(`severity-${one}`, theme))));
    const pairs = colours.flatMap((one, at) => colours.slice(at + 1).map((other) => distance(one, other)));
    expect(pairs).toHaveLength(10);
    expect(Math.min(...pairs)).toBeGreaterThanOrEqual(8);
  });
});

test('distances are those of the paper’s test data', () => {
  expect(between([50, 2.6772, -79.7751], [50, 0, -82.7485])).toBeCloseTo(2.0425, 4);
  expect(between([50, 2.49, -0.001], [50, -2.49, 0.0011])).toBeCloseTo(7.2195, 4);
  expect(between([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387])).toBeCloseTo(1.2644, 4);
  expect(between([2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514])).toBeCloseTo(0.9082, 4);
});

test('contrast is that of WCAG', () => {
  expect(contrast('#fff', '#000000')).toBeCloseTo(21);
  expect(contrast('#777777', '#fff')).toBeCloseTo(4.48, 2);
});
