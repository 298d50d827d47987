import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { asApiError } from '@/api/problem';
import { complain, say } from '@/ui/toast';
import { refreshIncident } from './change';
import { useHere, useKept } from './here';

/** A text at one revision of what it belongs to. */
export interface Seen {
  text: string;
  revision: number;
}

export interface Edit {
  /** As it was when the writing began. What others made of it since is no part of the draft, however well it is known. */
  base: Seen;
  draft: string;
  /** What somebody else made of it meanwhile, while there is to choose. */
  theirs?: Seen;
}

interface Options {
  /** As it is now. */
  load: () => Promise<Seen>;
  save: (text: string, revision: number) => Promise<unknown>;
  said: string;
}

/** Writing a text that others may write too. Nobody's words are lost: a 412 keeps both, to be chosen from or merged. */
export function useTextEdit(name: string, { load, save, said }: Options) {
  const { incident } = useHere();
  const client = useQueryClient();
  const [edit, setEdit] = useKept<Edit | null>(`text ${name}`, null);
  const [busy, setBusy] = useState(false);

  async function send(text: string, base: Seen): Promise<void> {
    try {
      await save(text, base.revision);
      // Who begins to write again begins with what was just saved.
      await refreshIncident(client, incident.id);
      setEdit(null);
      say({ title: said });
    } catch (thrown) {
      const error = asApiError(thrown);
      if (error.status !== 412) {
        complain({ title: 'That was not saved', description: `${error.message} What you wrote is still there.` });
        return;
      }
      const theirs = await load();
      // Something else of it was changed: there is nothing to choose from.
      if (theirs.text === base.text) return send(text, theirs);
      setEdit({ base, draft: text, theirs });
      void refreshIncident(client, incident.id);
    }
  }
  async function run(text: string, base: Seen) {
    setBusy(true);
    try {
      await send(text, base);
    } catch (thrown) {
      complain({ title: 'That was not saved', description: asApiError(thrown).message });
    } finally {
      setBusy(false);
    }
  }
  return {
    edit,
    busy,
    begin: (base: Seen) => setEdit({ base, draft: base.text }),
    change: (draft: string) => edit && setEdit({ ...edit, draft }),
    leave: () => setEdit(null),
    /** The draft, or another text, against what is known to be there. */
    save: (text?: string) => edit && run(text ?? edit.draft, edit.theirs ?? edit.base),
    /** Let the other's text stand. One's own can be had back. */
    takeTheirs: () => {
      if (!edit?.theirs) return;
      const mine = { base: edit.base, draft: edit.draft };
      setEdit(null);
      say({ title: 'Theirs is kept', description: 'Yours was not saved.', undo: () => setEdit(mine) });
    },
    /** Go on writing one's own. Saving it asks again, for theirs is still not in it. */
    goOn: () => edit?.theirs && setEdit({ base: edit.base, draft: edit.draft }),
  };
}

export type TextEdit = ReturnType<typeof useTextEdit>;
