/** A file that is made from a site: what `vpnjail render` writes, and what steps of a plan put in place. */
import type { Site } from '../site/site.js';

export interface RenderedFile {
  /** Below the directory that rendering goes to. */
  readonly path: string;
  /** Permission bits: 0o644, or fewer where a secret could be read. */
  readonly mode: number;
  readonly text: string;
  /** The user it must belong to, where that is not root. */
  readonly owner?: string;
}

export type Renderer = (site: Site) => readonly RenderedFile[];

/** A script that can be run. */
export const script = (path: string, text: string): RenderedFile => ({ path, mode: 0o755, text });
