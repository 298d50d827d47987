import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { asApiError } from '@/api/problem';
import { MarkdownField } from '@/domain/Markdown';
import { Reply } from '@/domain/Reply';
import { useMay, useSession } from '@/domain/session';
import { useKept } from '@/lib/useKept';
import { Button } from '@/ui/Button';
import { Row, Section, Stack } from '@/ui/Page';
import { complain, say } from '@/ui/toast';
import type { AlertDetail } from '../queries';
import { NoteItem } from './NoteItem';
import { notesQuery } from './queries';

/** What people wrote about the alert. Notes may be added in any state, and each is its writer's. */
export function Notes({ alert }: { alert: AlertDetail }) {
  const list = useInfiniteQuery(notesQuery(alert.id));
  const may = useMay('alerts:write', alert.organization_id);
  const notes = (list.data?.pages.flatMap((page) => page.items) ?? []).filter((one) => one.body !== '');
  return (
    <Section title="Notes" beside={notes.length > 0 && <span className="u-subtle">{notes.length}</span>}>
      <Stack>
        <Reply of={list} lines={2}>
          {() => (
            <>
              {notes.length === 0 && <p className="u-subtle">Nobody has written anything yet.</p>}
              {notes.map((note) => (
                <NoteItem key={note.id} note={note} />
              ))}
              {list.hasNextPage && (
                <div>
                  <Button size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                    Show more
                  </Button>
                </div>
              )}
            </>
          )}
        </Reply>
        {may && <NewNote alertId={alert.id} />}
      </Stack>
    </Section>
  );
}

function NewNote({ alertId }: { alertId: string }) {
  const client = useQueryClient();
  const [body, setBody] = useKept(`${useSession().user.id} ${alertId} new note`, '');
  const adding = useMutation({
    mutationFn: () =>
      read(api.POST('/api/v1/alerts/{alert_id}/notes', { params: { path: { alert_id: alertId } }, body: { body } })),
    onSuccess: () => {
      setBody('');
      say({ title: 'Note added' });
      return client.invalidateQueries({ queryKey: notesQuery(alertId).queryKey });
    },
    onError: (error) => complain({ title: 'Note not added', description: asApiError(error).message }),
  });
  return (
    <Stack gap="sm">
      <MarkdownField
        label="New note"
        value={body}
        onChange={setBody}
        rows={3}
        maxLength={20_000}
        readOnly={adding.isPending}
      />
      <Row end>
        <Button variant="primary" busy={adding.isPending} disabled={!body.trim()} onClick={() => adding.mutate()}>
          Add note
        </Button>
      </Row>
    </Stack>
  );
}
