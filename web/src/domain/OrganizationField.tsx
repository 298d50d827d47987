import type { Permission } from '@/api/session';
import { useSession } from '@/domain/session';
import { Select } from '@/ui/Select';

/** The organizations in which this person may do something; all of theirs, where nothing is named. */
export function useOrganizations(permission?: Permission) {
  return useSession().memberships.filter((one) => permission === undefined || one.permissions.includes(permission));
}

interface Props {
  permission?: Permission;
  value: string;
  onChange: (organizationId: string) => void;
}

/** In which organization; who has one alone is not asked. */
export function OrganizationField({ permission, value, onChange }: Props) {
  const organizations = useOrganizations(permission);
  if (organizations.length < 2) return null;
  return (
    <Select
      label="Organization"
      value={value}
      options={organizations.map((one) => [one.organization_id, one.organization])}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
