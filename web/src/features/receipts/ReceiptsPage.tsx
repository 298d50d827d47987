import { Page } from '@/ui/Page';

export default function ReceiptsPage() {
  return <Page title="Receipts">{null}</Page>;
}
