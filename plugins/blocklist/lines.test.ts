import test from 'ava';
import fc from 'fast-check';
import { limits } from '../../core/limits.js';
import { LineCutter } from './lines.js';

/** The lines that come out when the file arrives in these pieces; `<long>` for one that is too long. */
function cut(pieces: readonly Uint8Array[]): string[] {
  const lines: string[] = [];
  const cutter = new LineCutter(
    (bytes, start, end) => lines.push(Buffer.from(bytes.subarray(start, end)).toString('latin1')),
    () => lines.push('<long>'),
  );
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + cutter.free.length);
      cutter.free.set(part);
      cutter.filled(part.length);
      at += part.length;
    }
  }
  cutter.end();
  if (lines.length > 0 && cutter.line !== lines.length) throw new Error(`${cutter.line} lines were counted`);
  return lines;
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

test('a line ends with its newline, the last one with the file', (t) => {
  t.deepEqual(cut([bytes('a\nb\n\nc')]), ['a', 'b', '', 'c']);
  t.deepEqual(cut([bytes('a\n')]), ['a']);
  t.deepEqual(cut([]), []);
});

test('a byte order mark at the start of the file is no part of its first line', (t) => {
  t.deepEqual(cut([bytes('\xef\xbb\xbfa\n\xef\xbb\xbfb')]), ['a', '\xef\xbb\xbfb']);
  t.deepEqual(cut([bytes('\xef\xbb')]), ['\xef\xbb']);
});

test('a line of a megabyte is reported once, and the next is read', (t) => {
  t.deepEqual(cut([bytes(`a\n${'x'.repeat(1024 * 1024)}\nb\n`)]), ['a', '<long>', 'b']);
  t.deepEqual(cut([bytes('x'.repeat(1024 * 1024))]), ['<long>']);
  t.deepEqual(cut([bytes(`${'x'.repeat(limits.listLineBytes)}\nb`)]), ['x'.repeat(limits.listLineBytes), 'b']);
});

test('it does not matter in which pieces a file arrives', (t) => {
  const piece = fc.uint8Array({ maxLength: 20 }).map((octets) => octets.map((octet) => (octet < 64 ? 10 : octet)));
  fc.assert(fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
    const whole = Buffer.concat(pieces).toString('latin1');
    const expected = whole.replace(/^\xef\xbb\xbf/, '').split('\n');
    if (whole === '' || whole.endsWith('\n')) expected.pop();
    t.deepEqual(cut(pieces), expected);
  }));
});
