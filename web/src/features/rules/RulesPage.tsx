import { Page } from '@/ui/Page';

export default function RulesPage() {
  return <Page title="Rules">{null}</Page>;
}
