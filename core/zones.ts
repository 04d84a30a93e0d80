/** Which server block serves a name on one endpoint: the one with the longest matching zone. */
import type { DnsBlock } from './block.js';
import { lookUpWithin, root, type Name } from './name.js';

export class ZoneTable {
  readonly #blocks = new Map<Name, DnsBlock>();

  /** A table of all these blocks, whatever their ports and addresses; of two with one zone the first wins. */
  static over(blocks: readonly DnsBlock[]): ZoneTable {
    const table = new ZoneTable();
    for (const block of blocks) for (const zone of block.zones) table.add(zone, block);
    return table;
  }

  /** Adds a zone. Returns the block that has it already, or `undefined` when it was free. */
  add(zone: Name, block: DnsBlock): DnsBlock | undefined {
    const holder = this.#blocks.get(zone);
    if (holder === undefined) this.#blocks.set(zone, block);
    return holder;
  }

  find(name: Name): DnsBlock | undefined {
    // The usual Corefile has the root zone alone.
    return this.#blocks.size === 1 && this.#blocks.has(root) ? this.#blocks.get(root) : lookUpWithin(this.#blocks, name);
  }
}
