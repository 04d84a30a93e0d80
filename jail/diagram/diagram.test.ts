import test from 'ava';
import fc from 'fast-check';
import { readFileSync, writeFileSync } from 'node:fs';
import { exampleSite } from '../site/examples.js';
import type { Site } from '../site/index.js';
import { drawSite } from './diagram.js';
import { layOut } from './layout.js';
import { bottomOf, rightOf, type Box } from './svg.js';

/** Seen from dist/jail/diagram. */
const committed = new URL('../../../jail/overview.svg', import.meta.url);

test('the picture in the README is that of the example (REWRITE=1 draws it anew)', (t) => {
  const drawn = drawSite(exampleSite('host1'));
  if (process.env['REWRITE'] === '1') writeFileSync(committed, drawn);
  t.is(drawn, readFileSync(committed, 'utf8'));
});

test('everything that has a name is in it', (t) => {
  const drawn = drawSite(exampleSite('host2'));
  for (const name of ['host1', 'host3', 'laptop', 'guests', 'vpn1', 'vpn2', 'vpndns', 'ipsec', '10.0.254.52', 'FreeBSD']) t.true(drawn.includes(name), name);
});

/** A site with so many VPNs, each with a client, and so many peers. */
function siteOf(vpns: number, peers: number): Site {
  const site = exampleSite('host1');
  const [container, client, link] = [site.vpnContainers[0]!, site.wan.clients[0]!, site.links[0]!];
  const all = Array.from({ length: vpns }, (_, i) => ({ ...container, name: `vpn${i + 1}`, vpn: { ...container.vpn, id: i + 1 } }));
  const clients = all.map(({ vpn }, i) => ({ ...client, id: i, vpn }));
  const links = Array.from({ length: peers }, () => link);
  return { ...site, vpnContainers: all, links, wan: { ...site.wan, clients } };
}

const overlap = (a: Box, b: Box): boolean => a.x < rightOf(b) && b.x < rightOf(a) && a.y < bottomOf(b) && b.y < bottomOf(a);

test('property: however large a site is, nothing covers anything else, and all is on the paper', (t) => {
  t.notThrows(() => fc.assert(fc.property(fc.nat(12), fc.nat(9), (vpns, peers) => {
    const layout = layOut(siteOf(vpns, peers));
    const boxes = [...layout.vpns, ...layout.others, ...layout.clients, ...layout.sites].map(({ box }) => box).concat(layout.localBridge, layout.anycastBridge);
    const onPaper = (box: Box): boolean => box.x >= 0 && box.y >= 0 && rightOf(box) <= layout.width && bottomOf(box) <= layout.legend;
    const free = layout.vpns.every(({ corridor }) => layout.clients.every(({ box }) => rightOf(box) < corridor && corridor < layout.host.x));
    return free && boxes.every(onPaper) && boxes.every((box, i) => boxes.slice(i + 1).every((other) => !overlap(box, other)));
  }), { numRuns: 50 }));
});

test('what a site file says can not become a part of the picture', (t) => {
  const site = exampleSite('host1');
  const drawn = drawSite({ ...site, services: [{ role: 'service', name: '<script>"&', address: site.gateway }] });
  t.false(drawn.includes('<script>'));
  t.true(drawn.includes('&#60;script&#62;&#34;&#38;'));
});
