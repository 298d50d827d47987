import { useQuery } from '@tanstack/react-query';
import { EllipsisVertical, Plus, Users } from 'lucide-react';
import { useState } from 'react';
import { useMay, useSession } from '@/domain/session';
import { formatCompact } from '@/lib/format';
import { Button, IconButton } from '@/ui/Button';
import { Menu, type MenuItem } from '@/ui/Menu';
import s from './SavedViews.module.css';
import { useViewChange } from './useViewChange';
import { type Asked, ViewDialog } from './ViewDialog';
import { firstView, keepFirstView, sameContent, type View, type ViewContent, type ViewKind, viewsQuery } from './views';

/** A view that is always there. */
export interface BuiltInView {
  key: string;
  name: string;
  content: ViewContent;
}

interface Props {
  kind: ViewKind;
  builtIn: readonly BuiltInView[];
  /** The one that is open, by its key or id; without one, the first. */
  open: string | undefined;
  /** What the list is asked for now. */
  current: ViewContent;
  onOpen: (key: string, content: ViewContent) => void;
  /** How much is in them, by key. */
  counts?: Readonly<Record<string, number | undefined>>;
}

/** Lists that have a name. A dot says that what is shown is no longer what was saved. */
export function SavedViews({ kind, builtIn, open, current, onOpen, counts = {} }: Props) {
  const saved = useQuery(viewsQuery(kind));
  const [asked, setAsked] = useState<Asked | undefined>();
  const mayWrite = useMay('views:write');
  const all = [
    ...builtIn.map((one) => ({ ...one, view: undefined })),
    ...(saved.data ?? []).map((view) => ({ key: view.id, name: view.name, content: view, view })),
  ];
  const active = all.find((one) => one.key === open) ?? (open ? undefined : all[0]);
  const changed = active !== undefined && !sameContent(active.content, current);
  return (
    <div className={s.views}>
      <nav className={s.tabs} aria-label="Views">
        {all.map((one) => (
          <button
            key={one.key}
            type="button"
            className={s.tab}
            aria-current={one === active ? 'page' : undefined}
            onClick={() => onOpen(one.key, one.content)}
          >
            {one.view?.shared && <Users size={11} role="img" aria-label="Shared" />}
            {one.name}
            {one === active && changed && (
              <span className={s.dot} role="img" aria-label="has changes that are not saved" />
            )}
            {one.key in counts && <span className={s.count}>{shown(counts[one.key])}</span>}
          </button>
        ))}
      </nav>
      {mayWrite && (
        <>
          {changed || !active ? (
            <Button size="sm" variant="ghost" onClick={() => setAsked({ what: 'create' })}>
              <Plus size={13} aria-hidden="true" />
              Save view
            </Button>
          ) : null}
          <ViewMenu kind={kind} tab={active} changed={changed} current={current} onAsk={setAsked} />
        </>
      )}
      {asked && (
        <ViewDialog
          kind={kind}
          asked={asked.what === 'create' ? asked : { ...asked, view: newest(asked.view, saved.data) }}
          current={current}
          onLeave={() => setAsked(undefined)}
          onSaved={(view) => onOpen(view.id, view)}
          onGone={() => builtIn[0] && onOpen(builtIn[0].key, builtIn[0].content)}
        />
      )}
    </div>
  );
}

/** Its place is kept until it is known, so that no tab moves away from under a hand. */
const shown = (count: number | undefined): string => (count === undefined ? '' : formatCompact(count));

/** As it is now: who was told that somebody was faster saves over theirs, and not over what was there before. */
const newest = (view: View, all: readonly View[] | undefined): View => all?.find((one) => one.id === view.id) ?? view;

interface MenuProps {
  kind: ViewKind;
  tab: { key: string; name: string; content: ViewContent; view: View | undefined } | undefined;
  changed: boolean;
  current: ViewContent;
  onAsk: (asked: Asked) => void;
}

function ViewMenu({ kind, tab, changed, current, onAsk }: MenuProps) {
  const { user } = useSession();
  const mayShare = useMay('views:share');
  const change = useViewChange(kind);
  const view = tab?.view;
  const mine = view !== undefined && (view.owner_id === user.id || mayShare);
  const items: MenuItem[] = [{ label: 'Save as a new view…', onSelect: () => onAsk({ what: 'create' }) }];
  if (view && mine) {
    items.push(
      {
        label: 'Save changes',
        why: changed ? undefined : 'It is as it was saved.',
        onSelect: () => change.mutate({ view, body: { ...current, columns: [...current.columns] }, done: 'Saved' }),
      },
      { label: 'Rename…', onSelect: () => onAsk({ what: 'rename', view }) },
      { label: 'Delete…', tone: 'danger', onSelect: () => onAsk({ what: 'delete', view }) },
    );
    if (mayShare)
      items.splice(3, 0, {
        label: view.shared ? 'Stop sharing' : 'Share with everybody',
        onSelect: () =>
          change.mutate({ view, body: { shared: !view.shared }, done: view.shared ? 'No longer shared' : 'Shared' }),
      });
  }
  if (tab)
    items.push({
      label: 'Begin with this view',
      chosen: firstView(kind) === tab.key,
      onSelect: () => keepFirstView(kind, tab.key),
    });
  return (
    <Menu
      trigger={
        <IconButton size="sm" label="This view">
          <EllipsisVertical size={14} aria-hidden="true" />
        </IconButton>
      }
      items={items}
    />
  );
}
