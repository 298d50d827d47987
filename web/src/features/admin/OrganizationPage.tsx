import { Page } from '@/ui/Page';

export default function OrganizationPage() {
  return <Page title="Organization">{null}</Page>;
}
