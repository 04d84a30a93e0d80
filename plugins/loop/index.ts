import { definePlugin } from '../../core/plugin.js';
import { Loop } from './loop.js';

export default definePlugin({ name: 'loop', setup: (_options, context) => new Loop(context) });
