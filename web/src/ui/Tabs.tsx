import { Tabs as Base } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';
import s from './Tabs.module.css';

export interface Tab<K extends string> {
  key: K;
  label: string;
  /** How much is behind it. */
  count?: number | undefined;
}

interface Props<K extends string> {
  label: string;
  tabs: readonly Tab<K>[];
  value: K;
  onChange: (key: K) => void;
  /** Where they stand: in a page, from edge to edge; in a pane without a border of its own; or as a part of something. */
  of?: 'page' | 'pane' | 'part';
  /** What is under the tab that is chosen. */
  children: ReactNode;
}

/** Parts of one thing, of which one is shown; arrow keys go from tab to tab. */
export function Tabs<K extends string>({ label, tabs, value, onChange, of, children }: Props<K>) {
  return (
    <Base.Root value={value} onValueChange={(key: K) => onChange(key)} className={s.root} data-of={of}>
      <Base.List className={s.list} aria-label={label}>
        {tabs.map((tab) => (
          <Base.Tab key={tab.key} value={tab.key} className={s.tab}>
            {tab.label}
            {tab.count !== undefined && <span className={s.count}>{tab.count}</span>}
          </Base.Tab>
        ))}
      </Base.List>
      <Base.Panel value={value} className={s.panel}>
        {children}
      </Base.Panel>
    </Base.Root>
  );
}
