/** The program that `spawnGuard` runs: nothing but the guard is loaded. Its argument is the path of its socket. */
import { runGuard } from './process.js';

await runGuard();
