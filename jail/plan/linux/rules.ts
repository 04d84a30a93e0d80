/** Firewall rules. */
import { rulesName, type Rules } from '../../files/nftables.js';
import type { Step } from '../step.js';
import { command, inside, shell } from './commands.js';
import { linkGroup } from './names.js';

/**
 * Rules are loaded from their file, in one piece: at no moment are there fewer. A chain whose name tells what the file says shows that it is they.
 * @param namespace a container's; without one, the host's
 */
export function rulesStep(part: string, title: string, namespace: string | undefined, path: string, rules: Rules): Step {
  const nft = (...words: readonly string[]) => {
    const plain = command('nft', ...words);
    return namespace === undefined ? plain : inside(namespace, plain);
  };
  return {
    part, title: `${part}: ${title}`,
    test: [nft('list', 'chain', 'inet', 'vpnjail', rulesName(rules))],
    make: [nft('-f', path)],
    undo: [namespace === undefined ? command(...shell(removeWithBridges, linkGroup)) : { ...nft('-f', '-'), input: closed }],
    needs: ['nft'],
  };
}

/** The host's rules stay as long as it has a bridge of ours: an `up` that fails, of a site that stands, must open nothing. */
const removeWithBridges = '[ -n "$(ip link show group "$1")" ] || nft delete table inet vpnjail';

/** A container's rules are not taken away before the container: until then nothing passes at all. */
const closed = `table inet vpnjail
delete table inet vpnjail
table inet vpnjail {
  chain input { type filter hook input priority filter; policy drop; }
  chain forward { type filter hook forward priority filter; policy drop; }
  chain output { type filter hook output priority filter; policy drop; }
}
`;
