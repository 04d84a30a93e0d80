/** The load generator as a process of its own: `node dist/bench/generate.js LOAD`, where LOAD is JSON; prints the outcome as JSON. */
import { generate, type Load } from './load.js';

process.stdout.write(JSON.stringify(await generate(JSON.parse(process.argv[2]!) as Load)));
