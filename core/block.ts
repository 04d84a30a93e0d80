/** (contract sketch) A DNS server block: its zones, where it listens, and its hooks. */
import type { HostBlock } from './plugin.js';
export interface DnsBlock extends HostBlock {
  readonly zones: readonly string[];
}
