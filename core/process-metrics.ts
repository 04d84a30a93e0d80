/**
 * Metrics of the Node.js process under their usual names (those of prom-client's default metrics, which can't be switched off again: their
 * event loop monitor and their observer of garbage collection run until the process ends).
 */
import { existsSync, readdirSync } from 'node:fs';
import { constants, monitorEventLoopDelay, performance, PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';
import { Metrics } from './metrics.js';

/** One for a process is enough; `text` is appended to a host's own metrics, and `close` ends the monitors. */
export interface ProcessMetrics {
  text(): Promise<string>;
  close(): void;
}

/** What the process is, at this moment; memory in bytes. */
export function processFacts(): { readonly node: string; readonly pid: number; readonly memory: Readonly<Record<string, number>> } {
  const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
  return { node: process.version, pid: process.pid, memory: { resident: rss, heap_total: heapTotal, heap_used: heapUsed, external } };
}

/** Starts to watch the process. */
export function watchProcess(): ProcessMetrics {
  const metrics = new Metrics();
  watchResources(metrics);
  const stopGarbageCollection = watchGarbageCollection(metrics);
  const delay = watchEventLoop(metrics);
  return {
    async text() {
      const text = await metrics.text('');
      // Each reading covers the time since the one before.
      delay.reset();
      return text;
    },
    close() {
      stopGarbageCollection();
      delay.disable();
    },
  };
}

function watchResources(metrics: Metrics): void {
  const gauge = (name: string, help: string, read: () => number): void => void metrics.gauge(name, help).child({}).watch(read);
  const counter = (name: string, help: string, read: () => number): void => void metrics.observedCounter(name, help).child({}).watch(read);
  counter('process_cpu_user_seconds_total', 'User CPU time spent, in seconds.', () => process.cpuUsage().user / 1e6);
  counter('process_cpu_system_seconds_total', 'System CPU time spent, in seconds.', () => process.cpuUsage().system / 1e6);
  counter('process_cpu_seconds_total', 'User and system CPU time spent, in seconds.', () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6);
  gauge('process_start_time_seconds', 'Start of the process, in seconds since 1970.', () => performance.timeOrigin / 1000);
  gauge('process_resident_memory_bytes', 'Resident memory, in bytes.', () => process.memoryUsage.rss());
  gauge('nodejs_heap_size_total_bytes', "Size of V8's heap, in bytes.", () => process.memoryUsage().heapTotal);
  gauge('nodejs_heap_size_used_bytes', "Used part of V8's heap, in bytes.", () => process.memoryUsage().heapUsed);
  gauge('nodejs_external_memory_bytes', 'Memory of objects outside the heap, in bytes.', () => process.memoryUsage().external);
  gauge('nodejs_active_resources_total', 'Resources that keep the event loop alive.', () => process.getActiveResourcesInfo().length);
  const [major = '', minor = '', patch = ''] = process.versions.node.split('.');
  metrics.gauge('nodejs_version_info', 'Version of Node.js.', ['version', 'major', 'minor', 'patch'])
    .child({ version: process.version, major, minor, patch }).watch(() => 1);
  const descriptors = '/proc/self/fd';
  if (existsSync(descriptors)) gauge('process_open_fds', 'Open file descriptors.', () => readdirSync(descriptors).length);
}

const garbageCollectors = new Map([
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
]);

/** What an observer of `gc` gets; @types/node leaves the detail out. */
type GarbageCollection = PerformanceEntry & { readonly detail: { readonly kind: number } };

/** Returns a function that ends it. */
function watchGarbageCollection(metrics: Metrics): () => void {
  const durations = metrics.histogram('nodejs_gc_duration_seconds', 'Duration of garbage collections.', [0.001, 0.01, 0.1, 1, 2, 5], ['kind']);
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as GarbageCollection[]) {
      durations.child({ kind: garbageCollectors.get(entry.detail.kind) ?? 'other' }).observe(entry.duration / 1000);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => observer.disconnect();
}

function watchEventLoop(metrics: Metrics): ReturnType<typeof monitorEventLoopDelay> {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  // Without a sample yet, the monitor's figures are not numbers or absurd.
  const gauge = (name: string, help: string, nanoseconds: () => number): void =>
    void metrics.gauge(`nodejs_eventloop_lag_${name}_seconds`, help).child({}).watch(() => (delay.count === 0 ? 0 : nanoseconds() / 1e9));
  gauge('min', 'Least delay of the event loop.', () => delay.min);
  gauge('max', 'Greatest delay of the event loop.', () => delay.max);
  gauge('mean', 'Mean delay of the event loop.', () => delay.mean);
  gauge('stddev', 'Standard deviation of the delay of the event loop.', () => delay.stddev);
  for (const percent of [50, 90, 99]) gauge(`p${percent}`, `What ${percent} % of the delays of the event loop are below.`, () => delay.percentile(percent));
  delay.enable();
  return delay;
}
