/** The thread of a worker other than the first. */
import { parentPort, workerData } from 'node:worker_threads';
import { serveAsWorker, type WorkerData } from './hosts.js';

if (parentPort === null) throw new Error('this is the inside of a thread');
serveAsWorker(parentPort, workerData as WorkerData);
