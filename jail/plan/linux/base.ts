/** What every container begins with. */
import type { Address } from '../../../core/address.js';
import type { Container, Site } from '../../site/site.js';
import type { Step } from '../step.js';
import { etcSteps, namespaceStep, wireStep } from './container.js';
import { localBridge, localInterface, namespaceOf, wireOf } from './names.js';

export interface Base {
  /** Whether it passes on what is not for itself. */
  readonly forwards: boolean;
  /** Whom it asks for names. */
  readonly resolver: Address | undefined;
  /** What must be there before anything can reach it. */
  readonly before?: readonly Step[];
}

export function containerSteps(site: Site, container: Container, { forwards, resolver, before = [] }: Base): readonly Step[] {
  const part = container.name;
  const namespace = namespaceOf(site, container);
  return [
    ...etcSteps(part, namespace, resolver),
    namespaceStep(part, namespace, forwards),
    ...before,
    wireStep(part, namespace, { bridge: localBridge, outer: wireOf(container), inner: localInterface, address: container.address, network: site.network }),
  ];
}
