import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(process.env.EVENTSEC_DEMO_DIR ?? '../.stack');
const root = resolve('..');
const python = join(root, '.venv', 'bin', 'python');

interface Running {
  processes: Record<string, { pid: number }>;
}

/** One of the demo's servers is killed, as by a machine that loses power; or started again. */
export function server(name: 'opensearch' | 'postgres' | 'rabbitmq', what: 'kill' | 'start'): void {
  execFileSync(python, ['-m', 'deploy.stack', '--dir', folder, what, name], {
    cwd: root,
    stdio: 'pipe',
    timeout: 120_000,
  });
}

/** Kill processes of ours, and keep the supervisor from starting them again until the answer is called. */
export function away(...names: ('api' | 'web' | 'ingest' | 'indexer')[]): () => void {
  const { processes } = JSON.parse(readFileSync(join(folder, 'demo-state.json'), 'utf8')) as Running;
  const pid = (name: string): number => {
    const found = processes[name]?.pid;
    if (!found) throw new Error(`The demo has no process ${name}.`);
    return found;
  };
  process.kill(pid('supervisor'), 'SIGSTOP');
  // nginx's own workers would go on without it.
  for (const name of names) process.kill(pid(name), name === 'web' ? 'SIGTERM' : 'SIGKILL');
  return () => process.kill(pid('supervisor'), 'SIGCONT');
}
