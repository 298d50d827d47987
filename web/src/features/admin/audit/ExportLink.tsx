import { Download } from 'lucide-react';
import { useOrganizations } from '@/domain/OrganizationField';
import { Button } from '@/ui/Button';
import { Menu } from '@/ui/Menu';
import s from './ExportLink.module.css';

const href = (id: string) => `/api/v1/audit/export?organization_id=${id}`;

/** The whole chain as a file, which proves itself without a server. */
export function ExportLink() {
  const organizations = useOrganizations('audit:export');
  const [only] = organizations;
  if (!only) return null;
  const icon = <Download size={13} aria-hidden="true" />;
  if (organizations.length === 1)
    return (
      <a className={s.link} href={href(only.organization_id)} download>
        {icon}
        Export
      </a>
    );
  return (
    <Menu
      trigger={<Button>{icon}Export</Button>}
      items={organizations.map((one) => ({
        label: one.organization,
        onSelect: () => window.location.assign(href(one.organization_id)),
      }))}
    />
  );
}
