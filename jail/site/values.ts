/** Kinds of words that only a site file has. */
import { dirname, resolve } from 'node:path';
import { contains, parseAddress, parseCidr, type Address, type Cidr } from '../../core/address.js';
import { integer, value, type Value } from '../../core/corefile/values.js';
import { quote } from '../../core/corefile/wording.js';

/** What `pattern` matches as a whole. */
export const matching = (syntax: string, pattern: RegExp, expected: string): Value<string> =>
  value(syntax, (text) => {
    if (!pattern.test(text)) throw new RangeError(`${quote(text)} is no ${expected}`);
    return text;
  });

/** A site's name: with `to-` before it the name of an interface, of which Linux and FreeBSD take 15 characters. */
export const siteNamePattern = /^[a-z][a-z0-9-]{0,11}$/;
export const siteName = (): Value<string> =>
  matching('SITE', siteNamePattern, 'name of a site: at most 12 small letters, digits and hyphens, a letter first');

/** A container's name: with `-any` behind it the name of an interface. */
export const containerNamePattern = /^[a-z][a-z0-9-]{0,10}$/;
export const containerName = (): Value<string> =>
  matching('CONTAINER', containerNamePattern, 'name of a container: at most 11 small letters, digits and hyphens, a letter first');

/** What IKE calls a host: a domain name or an address. */
export const identity = (): Value<string> => matching('IDENTITY', /^[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}$/, 'IKE identity, such as host1.example.net');

export const interfaceName = (): Value<string> => matching('INTERFACE', /^[A-Za-z][A-Za-z0-9._-]{0,14}$/, 'name of an interface, such as eth0');

/** A word that goes into a command or a file as it is. */
export const plain = (syntax: string, expected: string): Value<string> => matching(syntax, /^[A-Za-z0-9/@._:+=,-]+$/, expected);

/** A file or directory, made absolute: what shells and all configurations take as it is. */
export const file = (base: string): Value<string> =>
  value('FILE', (text) => {
    if (!/^[A-Za-z0-9/@._:+=,-]+$/.test(text)) throw new RangeError(`${quote(text)} is no path of letters, digits and any of / @ . _ : + = , -`);
    return resolve(dirname(base), text);
  });

/** A container carries no IPv6, so that nothing can leave by it; hence there is none in a site file. */
export const ipv4 = (): Value<Address> =>
  value('ADDRESS', (text) => {
    const address = parseAddress(text);
    if (address?.bits !== 32) throw new RangeError(`${quote(text)} is no IPv4 address`);
    return address;
  });

/** What no host may have: this host, loopback, link-local, multicast and reserved addresses (RFC 6890). */
const special = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'].map((text) => parseCidr(text)!);

/** Without host bits: who writes some may have meant another network. */
function readNetwork(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr?.network.bits !== 32) throw new RangeError(`${quote(text)} is no IPv4 network, such as 192.168.1.0/24`);
  if (text.replace(/\/.*/, '') !== cidr.network.text) throw new RangeError(`${quote(text)} is an address in the network ${cidr.text}; write that`);
  return cidr;
}

/** Any network. */
export const ipv4Network = (): Value<Cidr> => value('NETWORK', readNetwork);

/** A network whose addresses hosts can have. */
export const ownNetwork = (): Value<Cidr> =>
  value('NETWORK', (text) => {
    const cidr = readNetwork(text);
    const overlap = special.find((each) => contains(each, cidr.network) || contains(cidr, each.network));
    if (overlap !== undefined) throw new RangeError(`${quote(text)} overlaps ${overlap.text}, whose addresses no host can have`);
    return cidr;
  });

export const zonePattern = /^[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*$/;
export const zone = (): Value<string> => matching('ZONE', zonePattern, 'name of a zone, such as corp.example');

/** An address of etcd. */
export const etcdUrl = (): Value<string> =>
  value('URL', (text) => {
    const ok = URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol) && !/[\s{}#"'$]/.test(text);
    if (!ok) throw new RangeError(`${quote(text)} is no URL that begins with http:// or https://`);
    return text;
  });

/** Site numbers: as many as have pairs in a /16. */
export const siteId = () => integer({ min: 1, max: 181 });
/** VPN numbers: an offset within a /24 at every site. */
export const vpnId = () => integer({ max: 200 });
/** The same as a key, which has one way of writing it. */
export const vpnKeyPattern = /^(?:0|[1-9]\d?|1\d\d|200)$/;
export const vpnKey = (): Value<string> => matching('N', vpnKeyPattern, 'number of a VPN, from 0 to 200');

/** Words of people for what they serve. */
export const clientNamePattern = /^[A-Za-z][A-Za-z0-9._-]{0,31}$/;
export const clientName = (): Value<string> =>
  matching('CLIENT', clientNamePattern, 'name of a client: at most 32 letters, digits, dots, underscores and hyphens, a letter first');
