import { Page } from '@/ui/Page';

export default function ShiftPage() {
  return <Page title="Shift">{null}</Page>;
}
