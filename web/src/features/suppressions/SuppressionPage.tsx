import { Page } from '@/ui/Page';

export default function SuppressionPage() {
  return <Page title="Suppression">{null}</Page>;
}
