import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { asApiError } from '@/api/problem';
import { Reply } from '@/domain/Reply';
import { Time, useZoneLabel } from '@/domain/Time';
import { Button } from '@/ui/Button';
import { Section } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Tag } from '@/ui/Tag';
import { complain, say } from '@/ui/toast';
import { agentName } from './agent';
import { endPlace, type Place, placesQuery } from './queries';

/** Where the person is signed in; each can be ended. */
export function Places() {
  const client = useQueryClient();
  const places = useQuery(placesQuery);
  const zone = useZoneLabel();
  const ending = useMutation({
    mutationFn: (place: Place) => endPlace(place.id),
    onSuccess: (_, place) => say({ title: `Session ended: ${agentName(place.user_agent)}` }),
    onError: (error) => complain({ title: 'Session not ended', description: asApiError(error).message }),
    onSettled: () => client.invalidateQueries({ queryKey: placesQuery.queryKey }),
  });
  const columns: readonly Column<Place>[] = [
    {
      name: 'Browser',
      cell: (one) => (
        <span title={one.user_agent}>
          {agentName(one.user_agent)} {one.current && <Tag tone="success">this one</Tag>}
        </span>
      ),
      grow: true,
    },
    { name: 'Address', cell: (one) => <span className="u-mono">{one.address}</span> },
    { name: `Last used (${zone})`, cell: (one) => <Time at={one.last_used_at} /> },
    { name: `Ends (${zone})`, cell: (one) => <Time at={one.expires_at} />, minor: true },
    {
      name: 'Actions',
      cell: (one) =>
        !one.current && (
          <Button
            size="sm"
            busy={ending.isPending && ending.variables.id === one.id}
            aria-label={`End the session of ${agentName(one.user_agent)} at ${one.address}`}
            onClick={() => ending.mutate(one)}
          >
            End
          </Button>
        ),
      align: 'end',
    },
  ];
  return (
    <Section title="Sessions" flush>
      <Reply of={places}>
        {(rows) => <Table label="Sessions" columns={columns} rows={rows} keyOf={(one) => one.id} />}
      </Reply>
    </Section>
  );
}
