import { Page } from '@/ui/Page';

export default function QuarantinePage() {
  return <Page title="Quarantine">{null}</Page>;
}
