import { getRouteApi } from '@tanstack/react-router';
import { OrganizationField, useOrganizations } from '@/domain/OrganizationField';
import { Page } from '@/ui/Page';
import { Tabs } from '@/ui/Tabs';
import { PolicyTab } from './organization/PolicyTab';
import { Reasons } from './organization/Reasons';

const route = getRouteApi('/app/admin/organization');

/** How an organization works on incidents: its targets and hours, who reviews, and its reasons for closing. */
export default function OrganizationPage() {
  const { tab = 'policy', organization } = route.useSearch();
  const navigate = route.useNavigate();
  const mine = useOrganizations('incidents:configure');
  const chosen = mine.find((one) => one.organization_id === organization) ?? mine[0];
  if (!chosen) return null;
  const id = chosen.organization_id;
  return (
    <Page
      title="Organization"
      beside={<span className="u-subtle">{chosen.organization}</span>}
      actions={
        <OrganizationField
          permission="incidents:configure"
          value={id}
          onChange={(to) => void navigate({ search: (before) => ({ ...before, organization: to }) })}
        />
      }
    >
      <Tabs
        of="page"
        label="Organization"
        value={tab}
        tabs={[
          { key: 'policy', label: 'Targets and reviews' },
          { key: 'reasons', label: 'Reasons for closing' },
        ]}
        onChange={(key) =>
          void navigate({ search: (before) => ({ ...before, tab: key === 'reasons' ? key : undefined }) })
        }
      >
        {tab === 'reasons' ? <Reasons key={id} organizationId={id} /> : <PolicyTab key={id} organizationId={id} />}
      </Tabs>
    </Page>
  );
}
