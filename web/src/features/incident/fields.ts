import type { components } from '@/api/schema';

export type Field = components['schemas']['FieldOfTemplate'];

/** What a template's field holds in a form, as text; several choices are parted by lines. */
export function fieldText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return Array.isArray(value) ? value.join('\n') : String(value);
}

/** What the form's text means for a field of this kind; null empties it. */
export function fieldValue(kind: Field['kind'], text: string): unknown {
  const given = text.trim();
  if (given === '') return null;
  if (kind === 'number') return Number(given);
  if (kind === 'boolean') return given === 'true';
  return kind === 'choices' ? given.split('\n') : given;
}

/** How it reads on the page. */
export function fieldWords(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return Array.isArray(value) ? value.join(', ') : fieldText(value);
}
