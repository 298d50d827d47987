import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { LiveIndicator } from '@/domain/LiveIndicator';
import { Reply } from '@/domain/Reply';
import { useMay } from '@/domain/session';
import { useZoneLabel } from '@/domain/Time';
import { useRefresh } from '@/domain/useRefresh';
import { useLook } from '@/lib/look';
import { formatClock } from '@/lib/zone';
import { Columns, Page, Section, Stack } from '@/ui/Page';
import { Segmented } from '@/ui/Segmented';
import { Brief } from './Brief';
import { Due } from './Due';
import { Balance, Quiet } from './Health';
import { Mine } from './Mine';
import { Open } from './Open';
import { dashboardQuery } from './queries';
import s from './ShiftPage.module.css';
import { SPANS } from './search';
import { Times, VerdictShares } from './Times';
import { TopRules, TopSources } from './Top';
import { Trend } from './Trend';

const route = getRouteApi('/app/');
/** Changes of a flood are asked for together. */
const GATHER_MS = 10_000;

/** What there is to do now, how bad it is, and whether all arrives. */
export default function ShiftPage() {
  const { days = 30 } = route.useSearch();
  const navigate = route.useNavigate();
  const now = useQuery(dashboardQuery(days));
  const [alerts, incidents, sensors] = [useMay('alerts:read'), useMay('incidents:read'), useMay('sensors:read')];
  useRefresh(['alert', 'incident', 'handover'], [['shift']], { gather: GATHER_MS });
  return (
    <Page title="Shift" beside={now.data && <AsOf at={now.data.at} />} actions={<LiveIndicator />}>
      <Columns kind="main">
        <Stack>
          {incidents && (
            <Section title="Open now">
              <Reply of={now}>{(dashboard) => <Open dashboard={dashboard} />}</Reply>
            </Section>
          )}
          <Section
            title="How it goes"
            actions={
              <Segmented
                label="Over"
                bare
                value={days}
                options={SPANS.map((span) => [span, `${span} days`] as const)}
                onChange={(span) => void navigate({ search: { days: span === 30 ? undefined : span } })}
              />
            }
          >
            <Stack gap="lg">
              {alerts && <Trend days={days} />}
              {incidents && (
                <div className={s.pair}>
                  <Reply of={now}>{({ times }) => <Times times={times} />}</Reply>
                  <Reply of={now}>{({ verdicts }) => verdicts && <VerdictShares verdicts={verdicts} />}</Reply>
                </div>
              )}
            </Stack>
          </Section>
          {alerts && incidents && (
            <div className={s.pair}>
              <Section title="Rules that fire most" beside={<span className="u-subtle">24 hours</span>} flush>
                <Reply of={now}>{({ top_rules }) => top_rules && <TopRules rules={top_rules} />}</Reply>
              </Section>
              <Section title="Sources of open alerts" beside={<span className="u-subtle">24 hours</span>} flush>
                <Reply of={now}>{({ top_sources }) => top_sources && <TopSources sources={top_sources} />}</Reply>
              </Section>
            </div>
          )}
        </Stack>
        <Stack>
          {alerts && incidents && <Due />}
          {alerts && incidents && <Mine />}
          {incidents && <Brief />}
          {sensors && incidents && (
            <Section title="Sensors gone quiet" flush>
              <Reply of={now}>{(one) => one.sensors && <Quiet sensors={one.sensors} />}</Reply>
            </Section>
          )}
          {sensors && incidents && (
            <Section title="Pipeline" beside={<span className="u-subtle">24 hours</span>}>
              <Reply of={now}>{({ pipeline }) => pipeline && <Balance pipeline={pipeline} />}</Reply>
            </Section>
          )}
        </Stack>
      </Columns>
    </Page>
  );
}

function AsOf({ at }: { at: string }) {
  const { zone } = useLook();
  const label = useZoneLabel();
  return (
    <span className="u-subtle">
      as of {formatClock(at, zone)} {label}
    </span>
  );
}
