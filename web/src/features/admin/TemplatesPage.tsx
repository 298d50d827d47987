import { getRouteApi } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { Button } from '@/ui/Button';
import { Page } from '@/ui/Page';
import { Tabs } from '@/ui/Tabs';
import { NewTemplateDialog, TemplateDialog } from './templates/TemplateDialog';
import { Templates } from './templates/Templates';

const route = getRouteApi('/app/admin/templates');

/** What incidents of a kind begin with. */
export default function TemplatesPage() {
  const { retired = false, open } = route.useSearch();
  const navigate = route.useNavigate();
  const show = (id: string | undefined, ignoreBlocker = false) =>
    void navigate({ search: (before) => ({ ...before, open: id }), ignoreBlocker });
  const ways = { onLeave: () => show(undefined), onDone: () => show(undefined, true) };
  return (
    <Page
      title="Templates"
      actions={
        <Button variant="primary" onClick={() => show('new')}>
          <Plus size={14} aria-hidden="true" />
          Create template…
        </Button>
      }
    >
      <Tabs
        of="page"
        label="Templates"
        value={retired ? 'retired' : 'offered'}
        tabs={[
          { key: 'offered', label: 'Offered' },
          { key: 'retired', label: 'Retired' },
        ]}
        onChange={(key) => void navigate({ search: { retired: key === 'retired' ? true : undefined } })}
      >
        <Templates retired={retired} onOpen={show} onCreate={() => show('new')} />
      </Tabs>

      {open === 'new' && <NewTemplateDialog {...ways} />}
      {open !== undefined && open !== 'new' && <TemplateDialog key={open} id={open} {...ways} />}
    </Page>
  );
}
