/** The files with which systems start the daemons: systemd takes the units, a shell the scripts. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';

/** Seen from dist/test/jail. */
const folder = fileURLToPath(new URL('../../../jail/service/', import.meta.url));
const read = (path: string): string => readFileSync(join(folder, path), 'utf8');
const isThere = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const units = readdirSync(join(folder, 'systemd'));

/** The units in a directory of the test, with programs that are there: the real ones need not be installed. */
function copiesOf(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'units-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  for (const unit of units) {
    writeFileSync(join(directory, unit.replace('@', '@host1')), read(`systemd/${unit}`).replaceAll(/\/usr\/local\/bin\/\w+/g, process.execPath));
  }
  return directory;
}

test('systemd takes the units', (t) => {
  if (!isThere('systemd-analyze')) {
    t.log('systemd-analyze is not there');
    return t.pass();
  }
  const directory = copiesOf(t);
  const paths = readdirSync(directory).map((unit) => join(directory, unit));
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', ...paths], { encoding: 'utf8' });
  return t.deepEqual([status, stdout, stderr], [0, '', '']);
});

test('what Node.js relies on is set, and nothing that keeps it from running', (t) => {
  const unit = read('systemd/vpndns.service');
  t.notRegex(unit, /^(?:MemoryDenyWriteExecute|PrivateUsers|PrivateNetwork)=/m);
  for (const line of ['Type=notify', 'NotifyAccess=all', 'AmbientCapabilities=CAP_NET_BIND_SERVICE', 'StateDirectory=vpndns']) {
    t.true(unit.includes(`\n${line}\n`), line);
  }
});

test('sessions survive the daemon that started them', (t) => t.regex(read('systemd/dynvpn.service'), /^KillMode=process$/m));

for (const name of ['vpndns', 'dynvpn', 'vpnjail']) {
  test(`a shell takes the script of ${name} for rc(8)`, (t) => {
    const path = join(folder, 'freebsd', name);
    t.notThrows(() => execFileSync('sh', ['-n', path]));
    if (isThere('shellcheck')) t.is(spawnSync('shellcheck', ['--shell=sh', path], { encoding: 'utf8' }).stdout, '');
    else t.log('shellcheck is not there');
    t.regex(read(`freebsd/${name}`), new RegExp(`^# PROVIDE: ${name}$[^]*^rcvar=${name}_enable$[^]*^run_rc_command "\\$1"$`, 'm'));
  });
}

/** rc.subr(8), as far as a script asks it for something: it prints what would be run. */
const rcSubr = `
load_rc_config() { :; }
err() { shift; echo "$*" >&2; exit 1; }
run_rc_command() {
  eval "flags=\\\${$\{name}_flags-}; custom=\\\${$1_cmd-}"
  if [ -n "$custom" ]; then $custom; else echo "$command $flags $command_args"; fi
}
`;

/** What `service NAME ACTION` would run, with these settings of rc.conf. */
function ran(t: ExecutionContext, name: string, action: string, settings: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'rc-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'rc.subr'), rcSubr + settings);
  writeFileSync(join(directory, name), read(`freebsd/${name}`).replace('. /etc/rc.subr', `. ${directory}/rc.subr`));
  return execFileSync('sh', [join(directory, name), action], { encoding: 'utf8' }).trim();
}

test('daemon(8) starts a daemon as its settings say', (t) => {
  t.is(ran(t, 'vpndns', 'start', "vpndns_conf=/x/Corefile vpndns_runas=nobody vpndns_flags='--port 5300'\n"),
    '/usr/sbin/daemon  -c -f -R 1 -H -P /var/run/vpndns.pid -p /var/run/vpndns.child.pid -o /var/log/vpndns.log -u nobody -t vpndns '
    + '/usr/local/bin/vpndns --conf /x/Corefile --port 5300');
  t.regex(ran(t, 'dynvpn', 'start', ''), /^\/usr\/sbin\/daemon .* -t dynvpn \/usr\/local\/bin\/dynvpn --conf \/usr\/local\/etc\/dynvpn\/Dynvpnfile$/);
});

test('vpnjail brings up one site after the other', (t) => {
  const settings = "vpnjail_sites='/x/a.yml /x/b.yml' vpnjail_program=echo\n";
  t.is(ran(t, 'vpnjail', 'start', settings), 'up /x/a.yml\nup /x/b.yml');
  t.is(ran(t, 'vpnjail', 'stop', settings), 'down /x/a.yml\ndown /x/b.yml');
});
