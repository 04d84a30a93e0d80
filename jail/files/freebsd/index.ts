/** Every file of a site that FreeBSD alone needs: what `vpnjail render` writes, and what the plan puts below the site's directory. */
import { containersOf, type Container, type Site } from '../../site/site.js';
import type { RenderedFile } from '../file.js';
import { dynvpnScripts, scriptText, sshConfig, sshdConfig } from './control.js';
import { devfsRulesFile, loaderConf, sysctlConf } from './host.js';
import { jailConf, newsyslogConf, rcConf, resolvConf } from './jails.js';
import { containerRules, hostRuleFile } from './rules.js';
import { serversScript } from './servers.js';
import { sessionFiles, sessionScript } from './session.js';

export const ruleFileName = 'ipfw.rules';
export const rcConfName = 'rc.conf.local';
export const serversName = 'servers.sh';
export const newsyslogName = 'newsyslog.conf';
export const resolvName = 'resolv.conf';

const file = (path: string, text: string, mode = 0o644): RenderedFile => ({ path, mode, text });

export const hostFiles = (site: Site): readonly RenderedFile[] => [
  file('jail.conf', jailConf(site)),
  file('devfs.rules', devfsRulesFile(site)),
  file('loader.conf', loaderConf(site)),
  file('sysctl.conf', sysctlConf(site)),
  file(ruleFileName, hostRuleFile(site).text),
];

/** Below the container's name. */
export function containerFiles(site: Site, container: Container): readonly RenderedFile[] {
  const at = (name: string, text: string, mode?: number): RenderedFile => file(`${container.name}/${name}`, text, mode);
  const logs = newsyslogConf(site, container);
  const common = [
    at(rcConfName, rcConf(site, container)), at(resolvName, resolvConf(site, container)), at(ruleFileName, containerRules(site, container).text),
    ...(logs === undefined ? [] : [at(newsyslogName, logs)]),
  ];
  if (container.role === 'ipsec') {
    const scripts = dynvpnScripts(site).map((script) => at(`scripts/${script.name}`, scriptText(site, script), 0o755));
    return [...common, at(sessionFiles.sshConfig, sshConfig(site)), ...scripts];
  }
  if (container.role !== 'vpn') return common;
  return [
    ...common,
    at(sessionFiles.session, sessionScript(site, container), 0o755),
    at(sessionFiles.sshdConfig, sshdConfig(site, container)),
    at(serversName, serversScript(site, container), 0o755),
  ];
}

export const freeBsdFiles = (site: Site): readonly RenderedFile[] =>
  [...hostFiles(site), ...containersOf(site).flatMap((container) => containerFiles(site, container))];
