import { Page } from '@/ui/Page';

export default function ExplorerPage() {
  return <Page title="Explorer">{null}</Page>;
}
