import { Page } from '@/ui/Page';

export default function HandoversPage() {
  return <Page title="Handovers">{null}</Page>;
}
