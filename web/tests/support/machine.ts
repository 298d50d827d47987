import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const folder = resolve(process.env.EVENTSEC_DEMO_DIR ?? '../.stack');
const root = resolve('..');
const python = join(root, '.venv', 'bin', 'python');

interface Running {
  processes: Record<string, { pid: number }>;
}

/** One of the demo's servers is killed, as by a machine that loses power; or started again, for as long as it takes. */
export async function server(name: 'opensearch' | 'postgres' | 'rabbitmq', what: 'kill' | 'start'): Promise<void> {
  // It gives up by itself once a server says nothing for two minutes; that it starts slowly is no failure.
  await run(python, ['-m', 'deploy.stack', '--dir', folder, what, name], { cwd: root });
}

/** Kill processes of ours, and keep the supervisor from starting them again until the answer is called. */
export function away(...names: ('api' | 'web' | 'ingest' | 'indexer')[]): () => void {
  const { processes } = JSON.parse(readFileSync(join(folder, 'demo-state.json'), 'utf8')) as Running;
  const pid = (name: string): number => {
    const found = processes[name]?.pid;
    if (!found) throw new Error(`The demo has no process ${name}.`);
    return found;
  };
  const supervisor = pid('supervisor');
  const pids = names.map((name) => [name, pid(name)] as const);
  const back = () => void process.kill(supervisor, 'SIGCONT');
  process.kill(supervisor, 'SIGSTOP');
  try {
    // nginx's own workers would go on without it.
    for (const [name, one] of pids) process.kill(one, name === 'web' ? 'SIGTERM' : 'SIGKILL');
  } catch (error) {
    // One that is just being started anew has another number by now.
    back();
    throw error;
  }
  return back;
}
