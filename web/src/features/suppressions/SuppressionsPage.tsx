import { Page } from '@/ui/Page';

export default function SuppressionsPage() {
  return <Page title="Suppressions">{null}</Page>;
}
