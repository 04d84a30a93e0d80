import test, { type ExecutionContext } from 'ava';
import { createTestServer, LoopbackHttp, type TestServer } from '../../testing/index.js';

interface Served {
  readonly server: TestServer;
  /** The samples, as `name{labels}` → value. */
  scrape(): Promise<Map<string, number>>;
}

async function serve(t: ExecutionContext, corefile: string): Promise<Served> {
  const http = new LoopbackHttp();
  const server = await createTestServer(corefile, { runtime: { sockets: http.sockets } });
  t.teardown(() => server.stop());
  return {
    server,
    async scrape() {
      const { text, headers } = await http.call('127.0.0.1:9153', '/metrics');
      t.regex(headers['content-type']!, /^text\/plain; version=0\.0\.4/);
      const samples = new Map<string, number>();
      for (const line of text.split('\n')) {
        if (line === '' || line.startsWith('#')) continue;
        const [, key, value] = /^([a-z_][a-z0-9_]*(?:\{(?:[a-z]+="[^"]*",?)*\})?) (\S+)$/i.exec(line) ?? [];
        t.truthy(key, line);
        samples.set(key!, Number(value));
      }
      return samples;
    },
  };
}

test('queries, with the names and labels of CoreDNS', async (t) => {
  const { server, scrape } = await serve(t, '. {\n prometheus\n nxdomain ^bad\n whoami\n}');
  await server.ask('example.org', 'A', { client: '192.0.2.1' });
  await server.ask('example.org', 'AAAA', { client: '2001:db8::1', transport: 'tcp', dnssecOk: true });
  await server.ask('bad.example', 'NAPTR');
  const samples = await scrape();
  const at = 'server="dns://:53",zone="."';
  t.is(samples.get(`vpndns_dns_requests_total{${at},proto="udp",family="1",type="A"}`), 1);
  t.is(samples.get(`vpndns_dns_requests_total{${at},proto="tcp",family="2",type="AAAA"}`), 1);
  t.is(samples.get(`vpndns_dns_requests_total{${at},proto="udp",family="1",type="other"}`), 1);
  t.is(samples.get(`vpndns_dns_do_requests_total{${at}}`), 1);
  t.is(samples.get(`vpndns_dns_responses_total{${at},rcode="NOERROR",plugin="whoami"}`), 2);
  t.is(samples.get(`vpndns_dns_responses_total{${at},rcode="NXDOMAIN",plugin="nxdomain"}`), 1);
  t.is(samples.get(`vpndns_dns_request_duration_seconds_count{${at}}`), 3);
  t.is(samples.get(`vpndns_dns_request_duration_seconds_bucket{${at},le="0.00025"}`), 3);
  t.is([...samples.keys()].filter((key) => key.startsWith('vpndns_dns_request_duration_seconds_bucket')).length, 17);
  t.is(samples.get(`vpndns_dns_request_size_bytes_count{${at},proto="udp"}`), 2);
  t.is(samples.get(`vpndns_dns_response_size_bytes_count{${at},proto="tcp"}`), 1);
  t.is(samples.get('vpndns_reload_failed_total'), 0);
  t.is(samples.get('vpndns_panics_total'), undefined);
  t.is(samples.get(`vpndns_build_info{version="test",nodeversion="${process.version}"}`), 1);
  t.true([...samples.keys()].some((key) => key.startsWith('nodejs_eventloop_lag_p99_seconds')));
  for (const key of samples.keys()) t.notRegex(key, /example|192\.0\.2\.1|2001:db8/, 'no name and no client is a label');
});

test('each zone, listener and namespace', async (t) => {
  const { server, scrape } = await serve(t, 'example.org example.com {\n bind 127.0.0.1\n prometheus {\n namespace coredns\n }\n whoami\n}');
  await server.ask('www.example.org');
  await server.ask('example.com');
  const samples = await scrape();
  for (const zone of ['example.org.', 'example.com.']) {
    t.is(samples.get(`coredns_dns_requests_total{server="dns://127.0.0.1:53",zone="${zone}",proto="udp",family="1",type="A"}`), 1);
    t.is(samples.get(`coredns_plugin_enabled{server="dns://127.0.0.1:53",zone="${zone}",name="whoami"}`), 1);
  }
});

test('silence is no response', async (t) => {
  const { server, scrape } = await serve(t, '. {\n prometheus\n acl {\n drop\n }\n}');
  await t.throwsAsync(server.ask('example.org'));
  const keys = await scrape();
  t.is(keys.get('vpndns_dns_requests_total{server="dns://:53",zone=".",proto="udp",family="1",type="A"}'), 1);
  t.false([...keys.keys()].some((key) => key.startsWith('vpndns_dns_responses_total{')));
});

test('counting goes on over a reload; what has gone is not enabled any more', async (t) => {
  const { server, scrape } = await serve(t, '. {\n bind 127.0.0.1\n prometheus\n any\n whoami\n}');
  await server.ask('example.org');
  const enabled = 'vpndns_plugin_enabled{server="dns://127.0.0.1:53",zone=".",name="any"}';
  t.is((await scrape()).get(enabled), 1);
  t.deepEqual((await server.reload('. {\n bind 127.0.0.1\n prometheus\n whoami\n}')).errors, []);
  await server.reload('. {\n nonsense\n}');
  await server.ask('example.org');
  const samples = await scrape();
  t.is(samples.get(enabled), undefined);
  t.is(samples.get('vpndns_dns_requests_total{server="dns://127.0.0.1:53",zone=".",proto="udp",family="1",type="A"}'), 2);
  t.is(samples.get('vpndns_reload_failed_total'), 1);
});

test('a namespace is the beginning of a name', async (t) => {
  const error = await t.throwsAsync(createTestServer('. {\n prometheus {\n namespace 1st\n }\n}'));
  t.regex(error.message, /Corefile:3:12: prometheus: '1st' is no beginning of a metric's name/);
});
