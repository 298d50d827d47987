import { Page } from '@/ui/Page';

export default function HandoverPage() {
  return <Page title="Handover">{null}</Page>;
}
