/** How a site and its peers speak: pushes of news, and regular pulls in which both sides say everything. */
import type { Net } from './net.js';
import { pullMs, pullTimeoutMs, pullTries } from './schedule.js';
import type { Site } from './site.js';

export class Exchange {
  readonly #site: Site;
  readonly #net: Net;

  constructor(site: Site, net: Net) {
    this.#site = site;
    this.#net = net;
  }

  push(): void {
    const site = this.#site;
    if (site.state === undefined) return;
    const message = site.message();
    for (const peer of site.peers) {
      if (site.knows(peer)) this.#net.send(site.index, peer.index, () => peer.enqueue(() => peer.knows(site) && peer.receive(message)), true);
    }
  }

  /** Asks a peer how things are, and tells it; gives up after some tries, and begins again with the next round. */
  pull(peer: Site, tries: number): void {
    const site = this.#site;
    const begun = site.mono();
    if (!site.knows(peer)) return site.atClock(begun + pullMs, () => this.pull(peer, 1));
    const { incarnation } = site;
    let isAnswered = false;
    const message = site.message();
    const answer = (take: () => void): void => this.#net.send(peer.index, site.index, () => {
      if (incarnation !== site.incarnation) return;
      site.enqueue(() => {
        isAnswered = true;
        take();
      });
    });
    this.#net.send(site.index, peer.index, () => peer.enqueue(() => {
      if (!peer.knows(site)) return answer(() => site.tell((now) => ({ now, type: 'disowned', site: peer.name })));
      peer.receive(message);
      if (!peer.isRunning) return;
      const said = peer.message();
      answer(() => site.receive(said));
    }));
    site.atClock(begun + pullTimeoutMs, () => {
      if (isAnswered) return site.atClock(begun + pullMs, () => this.pull(peer, 1));
      if (tries < pullTries) return this.pull(peer, tries + 1);
      site.tell((now) => ({ now, type: 'unreachable', site: peer.name }));
      site.atClock(begun + pullMs, () => this.pull(peer, 1));
    });
  }
}
