import { basename, dirname, join } from 'node:path';
import { messageOf } from '../../core/errors.js';
import { definePlugin } from '../../core/plugin.js';
import { cidr, duration, either, fields, many, name, one, oneOf, path, repeated, seconds, url } from '../../core/properties.js';
import { type } from '../../core/wire/layout.js';
import { answerWord, combineAnswers, Replies, type Answer } from './answers.js';
import { blocklistCalls } from './api.js';
import { Blocklist } from './blocklist.js';
import { formats } from './formats/formats.js';
import type { ListSource } from './sources.js';

const minuteMs = 60_000;

export default definePlugin({
  name: 'blocklist',
  repeatable: true,
  properties: {
    dir: many(path()),
    file: many(path()),
    url: repeated(fields({ urls: many(url()) }, { every: one(duration({ min: minuteMs }), { default: '24h' }) })),
    format: one(oneOf('auto', ...formats), { default: 'auto' }),
    match: one(oneOf('exact', 'subdomains'), { default: 'exact' }),
    answer: many(answerWord()),
    types: either({ only_a: fields(), all_types: fields() }),
    ttl: one(seconds(), { default: 1 }),
    exempt: many(cidr()),
    clients: many(cidr()),
    allow: many(name()),
    allow_file: many(path()),
    inspect: one(oneOf('answers', 'off'), { default: 'answers' }),
    exceptions: one(path()),
  },
  api: blocklistCalls,
  setup({ dir, file, url: urls, format, match, answer, types, ttl, exempt, clients, allow, allow_file: allowFiles, inspect, exceptions }, context) {
    const { mistake, at, host: { runtime: { env } } } = context;
    if (dir.length + file.length + urls.length === 0) throw mistake('it has no list; expected dir, file or url');
    const sources: ListSource[] = [
      ...dir.map((each) => ({ kind: 'directory' as const, path: each, allow: false })),
      ...file.map((each) => ({ kind: 'file' as const, path: each, label: basename(each), allow: false })),
      ...allowFiles.map((each) => ({ kind: 'file' as const, path: each, label: basename(each), allow: true })),
      ...(allow.length === 0 ? [] : [{ kind: 'names' as const, label: 'allow', names: allow, allow: true }]),
    ];
    let combined: Answer;
    try {
      combined = combineAnswers(answer);
    } catch (error) {
      throw mistake(messageOf(error));
    }
    const lists = {
      request: { sources, format, match },
      urls: urls.flatMap((line) => line.urls.map(({ href }) => ({ url: href, everyMs: line.every }))),
      // systemd names the directory that it has made for us (systemd.exec(5), StateDirectory=).
      directory: join(env['STATE_DIRECTORY']?.split(':')[0] ?? join(dirname(at.file), '.vpndns'), 'lists'),
    };
    const answered = types?.kind === 'all_types' ? [type.a, type.aaaa] : [type.a];
    return new Blocklist({ lists, replies: new Replies(combined, answered, ttl), exempt, clients, inspect: inspect === 'answers', exceptions }, context);
  },
});
