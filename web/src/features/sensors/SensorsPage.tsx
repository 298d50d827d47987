import { Page } from '@/ui/Page';

export default function SensorsPage() {
  return <Page title="Sensors">{null}</Page>;
}
