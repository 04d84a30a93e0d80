/**
 * Several threads that are one server. For plugins: `workers.ts`. For the program: `Crew` in the main thread leads a `Member` in each other
 * one, over a `Line` of typed questions and answers.
 */
export { carryOut } from './calls.js';
export { Crew, type Lead } from './crew.js';
export type { Port } from './line.js';
export type { Spawn, Thread } from './mate.js';
export { Member } from './member.js';
export { beginThread } from './thread.js';
export { everyUnready } from './unready.js';
export { wantedWorkers } from './wanted.js';
export { alone, topicOf, type FirstWorker, type OtherWorker, type Topic, type Workers } from './workers.js';
