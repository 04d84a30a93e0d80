/** The plans and files of a site, for either platform. */
import { renderDaemons } from '../files/daemons.js';
import type { RenderedFile } from '../files/file.js';
import { freeBsdFiles } from '../files/freebsd/index.js';
import { linuxFiles } from '../files/linux.js';
import type { Platform, Site } from '../site/site.js';
import { planFreeBsd } from './freebsd/plan.js';
import { planLinux } from './linux/index.js';
import type { Plan } from './step.js';

export interface BackEnd {
  plan(site: Site): Plan;
  /** Every file that the plan puts in place. */
  files(site: Site): readonly RenderedFile[];
}

export const backEnds: Readonly<Record<Platform, BackEnd>> = {
  linux: { plan: planLinux, files: linuxFiles },
  freebsd: { plan: planFreeBsd, files: (site) => [...freeBsdFiles(site), ...renderDaemons(site)] },
};
