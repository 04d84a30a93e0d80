export { readSite, type ReadFile } from './read.js';
export * from './site.js';
