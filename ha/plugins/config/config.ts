/** Both files together, as the settings of a site. */
import { readFileSync } from 'node:fs';
import { hint, quote } from '../../../core/corefile/wording.js';
import { ConfigError, messageOf } from '../../../core/errors.js';
import { Findings, readYaml, type Yaml } from '../../../core/yaml.js';
import type { Settings } from '../../settings.js';
import { readGlobal, vpnsOf } from './global.js';
import { readLocal } from './local.js';

export interface Files {
  readonly global: string;
  readonly local: string;
}

/**
 * Reads the settings of a site.
 * @param name the site, as its block is called
 * @returns the settings, and what is worth a look, each as `FILE:LINE:COLUMN: …`
 * @throws ConfigError with every mistake in both files; a RangeError that says which file can't be read
 */
export function readSettings(files: Files, name: string, stateDirectory: string): { readonly settings: Settings; readonly warnings: readonly string[] } {
  const [shared, own] = [open(files.global), open(files.local)];
  const global = shared.tree && readGlobal(shared.tree, shared.findings);
  const local = own.tree && readLocal(own.tree, own.findings);
  const id = local?.id;
  if (id !== undefined && id.text !== name) own.findings.mistake(id.at, `site_id is ${quote(id.text)}, but the block is that of ${name}`);
  const site = global?.sites.find((each) => each.id === name);
  if (global !== undefined && !global.names.includes(name)) shared.findings.mistake(global.at, `sites: there is no ${quote(name)}${hint(name, global.names)}`);
  const vpns = global === undefined || site === undefined ? [] : vpnsOf(site, global, shared.findings);
  const mistakes = [...shared.findings.mistakes, ...own.findings.mistakes];
  if (mistakes.length > 0 || global === undefined || local === undefined || site === undefined) throw new ConfigError(mistakes);
  return {
    settings: { ...local.settings, site, sites: global.sites, vpns, priorities: global.priorities, stateDirectory },
    warnings: [...shared.findings.warnings(), ...own.findings.warnings()],
  };
}

/** A file's tree; none when it is no YAML, which its findings say. */
function open(file: string): { readonly tree: Yaml | undefined; readonly findings: Findings } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new RangeError(`can't read ${file}: ${messageOf(error)}`);
  }
  const findings = new Findings(text);
  try {
    return { tree: readYaml(text, file, findings), findings };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { tree: undefined, findings };
  }
}
