/** A DNS host on a Corefile, in the main thread and in the other workers. */
import { version } from '../core/command/version.js';
import { readConfiguration } from '../core/configuration.js';
import { recorded } from '../core/corefile/index.js';
import { createDnsHost, type DnsHost } from '../core/dns.js';
import { createLogger, type Level, type Logger, type LogSink } from '../core/log.js';
import { Metrics } from '../core/metrics.js';
import { systemRuntime } from '../core/runtime.js';
import { beginThread, Member, topicOf, type Port, type Workers } from '../core/workers/index.js';
import { plugins } from '../plugins/index.js';
import type { Common } from './arguments.js';

/** What a worker's thread is given. */
export interface WorkerData {
  readonly common: Common;
}

/** A finished line of the log, on its way from a worker to standard output. */
type LogLine = readonly [line: string, level: Level];
const logLines = topicOf<LogLine>('log lines');

const what = { name: 'vpndns', version } as const;

/** A DNS host for a Corefile on disk, with all built-in plugins; nothing runs yet. */
export function hostFor(common: Common, log: Logger): DnsHost {
  const runtime = systemRuntime();
  return createDnsHost({
    ...what, runtime, log, metrics: new Metrics(), defaultPort: common.port,
    read: () => readConfiguration(plugins, { file: common.conf, env: runtime.env }),
    spawn: (index) => beginThread(new URL('./worker.js', import.meta.url), `worker ${index}`, { common } satisfies WorkerData),
  });
}

/** Writes the other workers' lines where the main thread's go. */
export function relayLog(workers: Workers, sink: LogSink, log: Logger): void {
  if (!workers.isFirst) return;
  workers.hear(logLines, (lines, missed) => {
    for (const [line, level] of lines) sink(line, level);
    if (missed > 0) log.warning(`${missed} lines of a worker's log were too many`);
  });
}

/** Serves as the main thread says, in a thread of its own. */
export function serveAsWorker(port: Port, { common: { port: defaultPort, quiet } }: WorkerData): void {
  const runtime = systemRuntime();
  const { clock, env } = runtime;
  const metrics = new Metrics();
  new Member(port, clock, (member) => {
    const log = createLogger((line, level) => member.tell(logLines, [line, level]), clock, { quiet });
    const read = () => readConfiguration(plugins, { file: member.text.file, env, source: recorded(member.text) });
    const { host } = createDnsHost({ ...what, runtime, log, metrics, defaultPort, member, read });
    return { host, metrics };
  });
}
