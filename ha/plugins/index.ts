/**
 * THE list of the HA host: its plugins in the order in which they are set up, and so in which its drivers are asked. The order is decided here
 * and nowhere else; the order of the directives in a Dynvpnfile does not matter.
 */
import type { AnyPlugin } from '../../core/plugin.js';
import errors from '../../plugins/errors/index.js';
import health from '../../plugins/health/index.js';
import prometheus from '../../plugins/prometheus/index.js';
import ready from '../../plugins/ready/index.js';
import reload from '../../plugins/reload/index.js';
import type { HaBlock } from '../block.js';
import check from './check/index.js';
import config from './config/index.js';
import httpApi from './http-api/index.js';
import lease from './lease/index.js';
import log from './log/index.js';
import peers from './peers/index.js';
import route from './route/index.js';
import vpnExec from './vpn-exec/index.js';
import vpnScript from './vpn-script/index.js';

export const plugins = [
  // What there is.
  config,
  // Where and how the daemon runs.
  reload,
  health,
  ready,
  prometheus,
  // What is recorded.
  errors,
  log,
  // How the sites agree, and what an administrator says.
  peers,
  lease,
  httpApi,
  // What is done: the particular first.
  check,
  route,
  vpnExec,
  vpnScript,
] as const satisfies readonly AnyPlugin<HaBlock>[];
