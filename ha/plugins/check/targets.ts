/** What a line of `check` names. */
import { parseAddress, parseEndpoint } from '../../../core/address.js';
import { quote } from '../../../core/corefile/wording.js';
import { fields, many, name, one, value, type Value } from '../../../core/properties.js';
import { compileTemplate, type Template } from '../../placeholders.js';

/** A word that is to be an address of some kind once its placeholders are filled; without any it is judged now. */
const templateOf = (syntax: string, what: string, isOne: (text: string) => boolean): Value<Template> =>
  value(syntax, (word) => {
    const template = compileTemplate(word);
    if (!word.includes('{') && !isOne(word)) throw new RangeError(`${quote(word)} is no ${what}`);
    return template;
  });

const isUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

const server = (): Value<Template> => {
  const address = templateOf('SERVER', 'address of a DNS server', (text) => parseEndpoint(text, 53) !== undefined);
  return value('@SERVER', (word, at) => {
    if (!word.startsWith('@')) throw new RangeError(`${quote(word)} is no server; it is written @192.0.2.1`);
    return address.read(word.slice(1), at);
  });
};

/** The lines. Each has to succeed; of the targets of one line, one has to. */
export const lines = {
  ping: fields({ addresses: many(templateOf('ADDRESS', 'IP address', (text) => parseAddress(text) !== undefined)) }),
  dns: fields({ name: one(name()), servers: many(server()) }),
  http: fields({ urls: many(templateOf('URL', 'URL that begins with http:// or https://', isUrl)) }),
};
