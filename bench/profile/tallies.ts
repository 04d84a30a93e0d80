/** What V8's own profilers say of a piece of work, summed by function. */
import type { HeapProfiler, Profiler, Runtime } from 'node:inspector';
import type { Session } from 'node:inspector/promises';

const samplingMicroseconds = 100;
const samplingBytes = 1024;

/** A function in a tree of calls, with what was counted in it alone. */
interface Node {
  readonly callFrame: Runtime.CallFrame;
  readonly self: number;
  readonly children: readonly Node[];
}

const isIdle = ({ functionName }: Runtime.CallFrame): boolean => functionName === '(idle)' || functionName === '(program)';
/** Functions of Node.js and V8 work for whoever calls them. */
const isNobodys = ({ url }: Runtime.CallFrame): boolean => url === '' || url.startsWith('node:');
/** The measurement itself is not the server. */
const isMeasuring = ({ url }: Runtime.CallFrame): boolean => url.includes('/bench/');
const isCollector = ({ functionName }: Runtime.CallFrame): boolean => functionName === '(garbage collector)';

function placeOf({ functionName, url, lineNumber }: Runtime.CallFrame): string {
  const file = url.replace(/^.*\/(?:dist|node_modules)\//, '');
  return `${functionName === '' ? '(anonymous)' : functionName} ${file === '' ? '' : `${file}:${lineNumber + 1}`}`.trim();
}

/** Sums by function what the server, and what works for it, is to blame for. */
function tally(root: Node): Map<string, number> {
  const sums = new Map<string, number>();
  const visit = ({ callFrame, self, children }: Node, isServers: boolean): void => {
    const isMine = isCollector(callFrame) || (isNobodys(callFrame) ? isServers : !isMeasuring(callFrame));
    if (isMine && !isIdle(callFrame) && self > 0) sums.set(placeOf(callFrame), (sums.get(placeOf(callFrame)) ?? 0) + self);
    for (const child of children) visit(child, isMine);
  };
  visit(root, false);
  return sums;
}

/** Seconds in each function itself; garbage collection, the measurement's own included, is one of them. */
export async function secondsByFunction(session: Session, work: () => Promise<unknown>): Promise<Map<string, number>> {
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: samplingMicroseconds });
  await session.post('Profiler.start');
  await work();
  const { profile: { nodes, samples = [], timeDeltas = [] } } = await session.post('Profiler.stop') as Profiler.StopReturnType;
  const seconds = new Map<number, number>();
  for (const [i, id] of samples.entries()) seconds.set(id, (seconds.get(id) ?? 0) + timeDeltas[i]! / 1e6);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const nodeOf = ({ id, callFrame, children = [] }: Profiler.ProfileNode): Node =>
    ({ callFrame, self: seconds.get(id) ?? 0, children: children.map((child) => nodeOf(byId.get(child)!)) });
  return tally(nodeOf(nodes[0]!));
}

/** Bytes that each function itself has allocated on the heap, those that were collected meanwhile included. */
export async function bytesByFunction(session: Session, work: () => Promise<unknown>): Promise<Map<string, number>> {
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: samplingBytes, includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true,
  } as HeapProfiler.StartSamplingParameterType);
  await work();
  const { profile: { head } } = await session.post('HeapProfiler.stopSampling') as HeapProfiler.StopSamplingReturnType;
  const nodeOf = ({ callFrame, selfSize, children }: HeapProfiler.SamplingHeapProfileNode): Node =>
    ({ callFrame, self: selfSize, children: children.map(nodeOf) });
  return tally(nodeOf(head));
}
