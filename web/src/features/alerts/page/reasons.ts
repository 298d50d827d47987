import type { components } from '@/api/schema';

type Applied = components['schemas']['RuleApplied'];

/** What a rule of the product did to an alert, for people to read. */
export interface Reason {
  kind: 'fold' | 'join' | 'suppression' | 'trial' | 'silence' | 'other';
  title: string;
  /** One sentence; the fields stand after it. */
  text: string;
  fields: readonly string[];
  rule: string;
  version: string;
  count: number;
  /** Of the suppression that is meant. */
  suppressionId?: string;
}

/** `fold.suricata_eve+title@1` in words, and so on; what is not known is shown by its name. */
export function reasonOf({ rule, version, count, fields }: Applied): Reason {
  const [kind = '', ...more] = rule.split('.');
  const rest = more.join('.');
  const base = { rule, version, count, fields };
  switch (kind) {
    case 'fold': {
      const titled = rest.endsWith('+title');
      return {
        ...base,
        kind: 'fold',
        title: 'Folded into one alert',
        text:
          (titled ? 'The record names no rule, so its title without numbers stands for one. ' : '') +
          (fields.length > 0
            ? 'Events that agree in these fields are one alert:'
            : 'Events of the same kind are one alert. Which fields were compared is not known to this version.'),
      };
    }
    case 'suppress':
      return {
        ...base,
        kind: 'suppression',
        title: 'Hidden by a suppression',
        text: 'These events matched a suppression that was in force at their own time.',
        suppressionId: rest,
      };
    case 'would_suppress':
      return {
        ...base,
        kind: 'trial',
        title: 'Matched by a suppression on trial',
        text: 'It hides nothing yet; active, it would have hidden these events.',
        suppressionId: rest,
      };
    case 'join': {
      const [title, text] = JOINS[rest] ?? [
        'Joined a closed alert',
        'These events count here and opened no new alert.',
      ];
      return { ...base, kind: 'join', title, text };
    }
    case 'silence':
      return {
        ...base,
        kind: 'silence',
        title: 'A sensor went silent',
        text: 'It was not heard within the interval that is expected of it.',
      };
    default:
      return { ...base, kind: 'other', title: rule, text: 'A rule of this name took part.' };
  }
}

/** Why events count on an alert that was closed. */
const JOINS: Readonly<Record<string, readonly [title: string, text: string]>> = {
  quiet_period: [
    'Counted in the quiet period',
    'They came within the quiet period after closing, no more severe than before, so they opened no new alert.',
  ],
  received_before_closing: [
    'Received before it was closed',
    'They had come in before somebody closed the alert, and were read after that.',
  ],
  resolved_at_source: [
    'Resolved at its source',
    'They tell of the same trouble as the alert, which its source had resolved.',
  ],
};
