/** The HA daemon as a plugin host: what a block is, and how a generation takes over the site that runs. (`core/dns.ts` is the other host.) */
import { readAddresses } from '../core/corefile/index.js';
import { at, ConfigError, type Mistake } from '../core/errors.js';
import { PluginHost, type Host, type HostOptions } from '../core/host.js';
import type { PluginInstance } from '../core/plugin.js';
import { HaBlock, siteName } from './block.js';
import type { WorkKind } from './hooks.js';
import { Runner } from './runner.js';

export type HaHostOptions = Omit<HostOptions<HaBlock>, 'createBlock' | 'complete' | 'drained'>;

/** Makes a daemon from a configuration; nothing runs until `start`. */
export const createHaHost = (options: HaHostOptions): PluginHost<HaBlock> =>
  new PluginHost<HaBlock>({
    ...options,
    createBlock: (configured, generation) => {
      const [name, ...more] = readAddresses(configured, siteName());
      if (more.length > 0) throw new ConfigError([{ at: configured.addresses[1]!.at, problem: 'a block is of one site' }]);
      return new HaBlock(name!, configured.at, generation);
    },
    complete: (blocks, generation) => {
      checkBlocks(blocks, generation);
      return runnersOf(blocks, generation);
    },
    drained: async (blocks) => {
      await Promise.all(blocks.map((block) => block.runner.drained()));
    },
  });

/** The part of a generation that runs its sites: it starts those that are new, and takes over those that run. */
function runnersOf(blocks: readonly HaBlock[], host: Host): PluginInstance {
  return {
    async start() {
      for (const block of blocks) {
        const { label, settings: { stateDirectory } } = block;
        // A site's state is in one place; in another one it is another site.
        block.runner = host.keep(`site ${label} ${stateDirectory}`, () => new Runner(label, stateDirectory, host));
        await block.runner.open();
      }
      host.onSwap(() => {
        for (const block of blocks) block.runner.adopt(block);
      });
    },
    stop() {
      // What the next generation has taken over goes on.
      for (const block of blocks) block.runner.haltFor(block);
    },
  };
}

/** What must be there to start and stop a VPN, and which directives bring it. */
const drivers: Readonly<Record<Exclude<WorkKind, 'acquireLease'>, string>> = {
  probe: 'vpn-script or vpn-exec', start: 'vpn-script or vpn-exec', stop: 'vpn-script or vpn-exec', check: 'check, vpn-script or vpn-exec',
  addRoute: 'route or vpn-script', removeRoute: 'route or vpn-script',
};

/** Throws a `ConfigError` for sites that could not run. */
function checkBlocks(blocks: readonly HaBlock[], host: Host): void {
  const mistakes: Mistake[] = [];
  const names = new Map<string, HaBlock>();
  for (const block of blocks) {
    const { label } = block;
    const first = names.get(label);
    names.set(label, block);
    if (first !== undefined) mistakes.push({ at: block.at, problem: `${label} has a block already, at ${at(first.at)}` });
    else mistakes.push(...(block.isConfigured ? missingOf(block) : missingConfig(block, host)));
  }
  // What a directive that could not be read would have brought is not missing.
  if (mistakes.length > 0 && host.configuration.mistakes.length === 0) throw new ConfigError(mistakes);
}

/** A `config` that is there but could not be read has told why itself. */
function missingConfig({ label, at: place }: HaBlock, { configuration }: Host): Mistake[] {
  const configured = configuration.blocks.find((block) => block.at === place);
  const isThere = configured?.directives.some(({ definition: { name } }) => name === 'config') === true;
  return isThere ? [] : [{ at: place, problem: `${label} has no config; expected: config GLOBAL.yml LOCAL.yml` }];
}

/** What no directive does that has to be done. */
function missingOf({ label, at: place, hooks, settings: { sites } }: HaBlock): Mistake[] {
  const kinds = (Object.keys(drivers) as (keyof typeof drivers)[]).filter((kind) => !hooks.work[kind].isTapped);
  const problems = [...new Set(kinds.map((kind) => drivers[kind]))].map((words) => {
    const missing = kinds.filter((kind) => drivers[kind] === words);
    return `nothing does ${missing.join(', ')} for the VPNs of ${label}; expected: ${words}`;
  });
  // Alone among others that it does not know of, a site would take everything.
  if (sites.length > 1 && !hooks.push.isTapped) problems.push(`there are other sites than ${label}, but nothing that speaks to them; expected: peers`);
  return problems.map((problem) => ({ at: place, problem }));
}
