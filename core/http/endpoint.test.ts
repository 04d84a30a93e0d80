import test from 'ava';
import { httpAddress } from './endpoint.js';

const read = (word: string) => httpAddress(8080).read(word, { file: 'Corefile', line: 1, column: 1 });

const accepted: readonly (readonly [string, readonly string[], boolean])[] = [
  ['127.0.0.1', ['127.0.0.1:8080'], true],
  ['127.0.0.1:81', ['127.0.0.1:81'], true],
  ['192.0.2.1:81', ['192.0.2.1:81'], false],
  ['::1', ['[::1]:8080'], true],
  ['[::1]', ['[::1]:8080'], true],
  ['[2001:DB8::1]:81', ['[2001:db8::1]:81'], false],
  ['localhost', ['127.0.0.1:8080', '[::1]:8080'], true],
  ['localhost:81', ['127.0.0.1:81', '[::1]:81'], true],
  [':81', [':81'], false],
  ['0.0.0.0:81', ['0.0.0.0:81'], false],
  ['::ffff:127.0.0.1', ['127.0.0.1:8080'], true],
];

for (const [word, texts, isLocal] of accepted) {
  test(`${word} is ${texts.join(' and ')}`, (t) => {
    t.deepEqual(read(word).map(({ text }) => text), texts);
    t.true(read(word).every((endpoint) => endpoint.isLocal === isLocal));
  });
}

test('of localhost, what the host lacks is left out', (t) => {
  t.deepEqual(read('localhost').map(({ isOptional }) => isOptional), [false, true]);
});

const mistaken = [
  '', ':', 'example.org:80', '127.0.0.1:', '127.0.0.1:0', '127.0.0.1:65536', '[::1', '::1]:80', 'localhost:http', '127.0.0.1:80:80', 'http://127.0.0.1',
];

for (const word of mistaken) {
  test(`'${word}' is a mistake`, (t) => {
    const message = `'${word}' is no address to listen on, such as 127.0.0.1:8080, [::1]:8080, localhost:8080 or :8080`;
    t.throws(() => read(word), { instanceOf: RangeError, message });
  });
}
