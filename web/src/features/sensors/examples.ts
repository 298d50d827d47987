import type { Format } from '@/domain/formats';

/** One record of each format that fits in a line, with the time it is sent in place of NOW. */
const EXAMPLES: Partial<Record<Format, string>> = {
  suricata_eve:
    '{"timestamp":"NOW","event_type":"alert","src_ip":"198.51.100.7","src_port":40000,"dest_ip":"192.0.2.22","dest_port":22,"proto":"TCP","alert":{"gid":1,"signature_id":1000001,"rev":1,"signature":"First event of a new sensor","severity":3}}',
  wazuh4:
    '{"timestamp":"NOW","rule":{"level":3,"description":"First event of a new sensor","id":"100001","groups":["local"]},"agent":{"id":"001","name":"new-sensor"},"manager":{"name":"manager"},"id":"1.1","location":"test"}',
  zeek_json:
    '{"_path":"notice","ts":"NOW","note":"Notice::First_Event","msg":"First event of a new sensor","src":"198.51.100.7","actions":["Notice::ACTION_LOG"]}',
  falco:
    '{"output":"First event of a new sensor","priority":"Notice","rule":"First event","time":"NOW","output_fields":{}}',
  ecs: '{"@timestamp":"NOW","ecs.version":"9.0.0","message":"First event of a new sensor","event":{"category":"host"},"host":{"name":"new-sensor"}}',
  json: '{"time":"NOW","message":"First event of a new sensor","host":"new-sensor"}',
  cef: 'CEF:0|Example|Sensor|1|1|First event of a new sensor|3|src=198.51.100.7 dst=192.0.2.22',
  syslog: '<13>1 NOW new-sensor test - - - First event of a new sensor',
  text: 'First event of a new sensor',
};

const PLAIN: Format = 'json';

/** A record this sensor can read, of this moment; undefined where the format has none in a line. */
export function exampleOf(format: string | null, now: Date): string | undefined {
  return EXAMPLES[(format ?? PLAIN) as Format]?.replace('NOW', now.toISOString());
}

/** A snippet with the key in its place; one that sends a file sends this record instead. */
export function filledIn(snippet: string, key: string | undefined, record?: string): string {
  const known = key ? snippet.replaceAll('SENSOR_KEY', key) : snippet;
  return (record ? known.replace('@records.ndjson', `'${record}'`) : known).trimEnd();
}
