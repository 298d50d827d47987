import { randomInt } from 'node:crypto';
import { expect } from '@playwright/test';
import { ask, sendAll } from './demo';

const PRIVATE_RULES = 7_000_000;
const CRITICAL = { severity: 1, metadata: { signature_severity: ['Critical'] } };
const HIGH = { severity: 1 };

/** One who knocks at many doors: each knock is an alert of its own, and the first of them is critical. */
export interface Attack {
  /** Nobody else comes from there. */
  address: string;
  /** What finds all of it. */
  query: string;
  titles: readonly string[];
  send: () => Promise<void>;
}

/** An attack that no other run has seen. Of addresses and rules that are for tests. */
export function attack(knocks: number): Attack {
  const run = randomInt(1 << 17);
  const address = `198.${18 + (run >> 16)}.${(run >> 8) & 255}.${run & 255}`;
  const titles = Array.from({ length: knocks }, (_, at) => `Knock ${at + 1} of ${knocks} from ${address}`);
  return {
    address,
    query: `source.ip:${address}`,
    titles,
    send: () =>
      sendAll(
        'suricata_eve',
        titles.map((signature, at) => ({
          timestamp: new Date().toISOString(),
          event_type: 'alert',
          flow_id: run * 1_000 + at,
          proto: 'TCP',
          src_ip: address,
          src_port: 40_000 + at,
          dest_ip: `10.20.50.${at + 1}`,
          dest_port: 443,
          alert: { signature_id: PRIVATE_RULES + at, signature, ...(at === 0 ? CRITICAL : HIGH) },
        })),
      ),
  };
}

interface Alerts {
  items: { title: string; status: string; verdict: string | null }[];
}

/** Its alerts, as the API lists them now. */
export const alertsOf = async ({ query }: Attack): Promise<Alerts['items']> =>
  (await ask<Alerts>('GET', `/alerts?query=${encodeURIComponent(query)}`)).items;

/** Send it, and wait until all of it is in the queue. */
export async function sent(attack: Attack): Promise<void> {
  await attack.send();
  await expect.poll(async () => (await alertsOf(attack)).length, { timeout: 60_000 }).toBe(attack.titles.length);
}
