import { Page } from '@/ui/Page';

export default function SensorPage() {
  return <Page title="Sensor">{null}</Page>;
}
