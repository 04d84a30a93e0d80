/** The configurations of all daemons, whatever the platform. */
import type { Site } from '../site/site.js';
import { renderDynvpn } from './dynvpn.js';
import type { RenderedFile } from './file.js';
import { renderFrr } from './frr.js';
import { renderStrongSwan } from './strongswan.js';
import { renderCorefile } from './vpndns.js';

export const renderDaemons = (site: Site): readonly RenderedFile[] =>
  [renderCorefile, renderDynvpn, renderFrr, renderStrongSwan].flatMap((render) => render(site));
