import { httpAddress, mountHttp, page } from '../../core/http/index.js';
import { DnsBlock } from '../../core/block.js';
import { metricsContentType } from '../../core/metrics.js';
import { one, optional } from '../../core/properties.js';
import { defineHostPlugin } from '../../core/plugin.js';
import { watchProcess, type ProcessMetrics } from '../../core/process-metrics.js';
import { announce } from './announce.js';
import { measure, namespaceOf } from './prometheus.js';

export default defineHostPlugin({
  name: 'prometheus',
  processWide: true,
  args: optional(httpAddress(9153), { default: 'localhost:9153' }),
  properties: { namespace: one(namespaceOf()) },
  setup({ args, namespace }, context) {
    const { host } = context;
    let own: ProcessMetrics | undefined;
    let withdraw = (): void => undefined;
    const text = async (): Promise<string> => (await host.metrics.text(namespace ?? host.name)) + ((await own?.text()) ?? '');
    const site = mountHttp(context, args, page('/metrics', async () => ({ text: await text(), type: metricsContentType })));
    for (const block of host.blocks) if (block instanceof DnsBlock) measure(block);
    return {
      ...site,
      async start() {
        await site.start();
        own = host.keep('process metrics', watchProcess);
        withdraw = announce(host);
      },
      stop: () => withdraw(),
    };
  },
});
