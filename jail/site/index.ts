export { readSite, type ReadFile } from './read.js';
export * from './site.js';
export { jsonSchemas, type JsonSchema } from './json-schema.js';
export type { FileFacts, LookAtFile } from './check/presence.js';
