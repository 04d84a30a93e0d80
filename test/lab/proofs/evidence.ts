/** What all proofs share: the lab that they are about, and how they say what they saw. */
import { Lab } from '../lab.js';
import type { LabOptions } from '../layout.js';

/** Printed as it is gathered. */
export const say = (line: string): void => void process.stdout.write(`    ${line}\n`);

/** How often a fault is repeated. */
export const repetitions = Number(process.env['LAB_REPEAT'] ?? '1');

/** The lab that was asked for, with whatever a proof needs otherwise. */
export async function standing(needs: Partial<LabOptions>): Promise<Lab> {
  const began = performance.now();
  const stood = Lab.stands;
  const lab = await Lab.ensure({ ...(JSON.parse(process.env['LAB_OPTIONS'] ?? '{}') as Partial<LabOptions>), ...needs });
  await Promise.all([lab.settled(1), lab.settled(2)]);
  const { sites, tunnel, lease } = lab.options;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  say(`${sites} sites, ${tunnel}${lease ? ', leases in etcd' : ''}: ${stood ? 'at rest' : 'built and at rest'} after ${seconds} s`);
  return lab;
}

/** A name that nobody has asked for before. */
export const newName = (about: string): string => `${about}-${process.hrtime.bigint()}.example.net`;
