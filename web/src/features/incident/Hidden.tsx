import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { api, read } from '@/api/client';
import { asApiError } from '@/api/problem';
import { PATHS } from '@/app/paths';
import { useMay } from '@/domain/session';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { TextArea, TextField } from '@/ui/Field';
import { Page, Section, Stack } from '@/ui/Page';
import { State } from '@/ui/State';
import { say } from '@/ui/toast';

/** In the place of an incident that is not there, or is for its members alone: which of the two is not told. */
export function Hidden() {
  const mayBreak = useMay('incidents:break_glass');
  return (
    <Page title="Incident" narrow>
      <State title="There is no such incident for you" action={<Link to={PATHS.incidents}>All incidents</Link>}>
        The address may be wrong, or the incident is restricted and you are no member of it.
      </State>
      {mayBreak && <BreakGlass />}
    </Page>
  );
}

function BreakGlass() {
  const navigate = useNavigate();
  const client = useQueryClient();
  const breaking = useMutation({
    mutationFn: (body: { number: number; reason: string }) => read(api.POST('/api/v1/incidents/break-glass', { body })),
    onSuccess: ({ id, number }) => {
      say({ title: `You broke the glass of #${number}`, description: 'Its members are told.' });
      void client.invalidateQueries({ queryKey: ['incidents'] });
      void navigate({ to: PATHS.incident, params: { incidentId: id } });
    },
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    breaking.mutate({ number: Number(given.get('number')), reason: String(given.get('reason')).trim() });
  }
  const error = breaking.isError ? asApiError(breaking.error) : undefined;
  return (
    <Section title="Break the glass">
      <form onSubmit={submit}>
        <Stack>
          <p className="u-muted">
            You become a member of a restricted incident. Every member of it is told at once, and your reason is kept in
            the audit.
          </p>
          {error && error.fields.size === 0 && <Banner tone="danger">{error.message}</Banner>}
          <TextField
            label="Number of the incident"
            name="number"
            type="number"
            min={1}
            required
            error={error?.fields.get('number')}
          />
          <TextArea label="Why" name="reason" rows={3} required maxLength={2_000} error={error?.fields.get('reason')} />
          <div>
            <Button type="submit" variant="danger" busy={breaking.isPending}>
              Break the glass
            </Button>
          </div>
        </Stack>
      </form>
    </Section>
  );
}
