import { Page } from '@/ui/Page';

export default function StatusPage() {
  return <Page title="Status">{null}</Page>;
}
