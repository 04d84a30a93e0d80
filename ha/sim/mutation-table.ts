/** The rules of the machine, each with a way to break it: text of the compiled file, and what is put in its place. */

export interface Mutation {
  readonly rule: string;
  /** In the machine's compiled directory. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const mutations: readonly Mutation[] = [
  {
    rule: 'The session is stopped only when the route is known to be gone',
    file: 'drive.js', from: "result.ok ? enter(c, vpn, 'stopping')", to: "true ? enter(c, vpn, 'stopping')",
  },
  {
    rule: 'A stop that fails is not a stop',
    file: 'drive.js', from: 'result.ok ? arrive(c, vpn)', to: 'true ? arrive(c, vpn)',
  },
  {
    rule: 'First the route goes, then the session',
    file: 'down.js', from: "abort(c, vpn, false);\n            return enter(c, vpn, 'unrouting');",
    to: "abort(c, vpn, false);\n            return enter(c, vpn, 'stopping');",
  },
  {
    rule: 'What is stuck is tried again',
    file: 'drive.js', from: "case 'stuck':\n            if (c.now >= vpn.notBefore)", to: "case 'stuck':\n            if (false)",
  },
  {
    rule: 'No route without a proven session',
    file: 'drive.js', from: "if (result.ok)\n                return enter(c, vpn, 'routing');",
    to: "if (true)\n                return enter(c, vpn, 'routing');",
  },
  {
    rule: 'A route that could not be put in place is no route',
    file: 'drive.js', from: 'if (vpn.destination === undefined && result.ok)\n                return comeOnline',
    to: 'if (vpn.destination === undefined)\n                return comeOnline',
  },
  {
    rule: 'A start that is called off is waited for',
    file: 'down.js', from: "its end is waited for.\n            if (!isOnItsWay)",
    to: "\n            abort(c, vpn, false);\n            return enter(c, vpn, 'stopping');\n            if (!isOnItsWay)",
  },
  {
    rule: 'The route is read back with every check',
    file: 'drive.js', from: "route: vpn.phase === 'up'", to: 'route: false',
  },
  {
    rule: 'A failed check counts',
    file: 'drive.js', from: 'if (vpn.checksFailed >= Math.max(1, timing.checkRetries))', to: 'if (false)',
  },
  {
    rule: 'A driver that gives no result is not waited for',
    file: 'drive.js', from: 'if (c.now < deadline + graceMs)', to: 'if (true)',
  },
  {
    rule: 'What does not work at the start is taken away',
    file: 'drive.js', from: 'if (!ok)\n        goDown(c, vpn, { kind: \'begin\' }',
    to: 'if (!ok) vpn.phase = \'down\';\n    if (false)\n        goDown(c, vpn, { kind: \'begin\' }',
  },
  {
    rule: 'A site that starts claims what it might find',
    file: 'context.js', from: "claims = ({ phase }) => phase !== 'down'",
    to: "claims = ({ phase }) => phase !== 'down' && phase !== 'probing' && phase !== 'found'",
  },
  {
    rule: 'A session that was found is kept when nobody else has it',
    file: 'decide.js', from: "if (vpn.phase === 'found') {",
    to: "if (vpn.phase === 'found' && (vpn.session = true, goDown(c, vpn, { kind: 'begin' }, ''), true)) return;\n    if (false) {",
  },
  {
    rule: 'A session that was found ends when somebody else is Online',
    file: 'decide.js', from: "each.report.status === 'Online' || precedesUs(c, vpn, each)", to: 'false',
  },
  {
    rule: 'At the start the first living site takes it',
    file: 'decide.js', from: 'living === state.config.site);', to: 'living !== undefined);',
  },
  {
    rule: 'Nobody takes what somebody has',
    file: 'decide.js', from: 'held.length === 0 && !claims(vpn) ?', to: '!claims(vpn) ?',
  },
  {
    rule: 'The next one is the one after the last holder',
    file: 'decide.js', from: 'order.indexOf(vpn.lastHolder);', to: '-1;',
  },
  {
    rule: 'Who failed comes after who did not',
    file: 'decide.js', from: "[...of('Replica'), ...of('Failed')]", to: "[...of('Failed'), ...of('Replica')]",
  },
  {
    rule: 'Failed is eligible again after its pause',
    file: 'context.js', from: "(vpn.status === 'Replica' || vpn.status === 'Failed')", to: "(vpn.status === 'Replica')",
  },
  {
    rule: 'A failure is followed by a longer and longer pause',
    file: 'context.js', from: 'Math.min(backoffMs * 2 ** (failures - 1), backoffMaxMs)', to: '0',
  },
  {
    rule: 'Failed ends when another site has been Online for long enough',
    file: 'decide.js', from: "if (vpn.status !== 'Failed' || failedStatusMs", to: 'if (true || failedStatusMs',
  },
  {
    rule: 'Tries are used up, then another site has its turn',
    file: 'context.js', from: 'reportsOn(c, vpn).some(({ report }) => report.ready)', to: 'false',
  },
  {
    rule: 'Tries do not end when nobody else is ready',
    file: 'down.js', from: '|| !isAnotherReady(c, vpn)', to: '|| false',
  },
  {
    rule: 'Tries without end stop when somebody else is ready',
    file: 'decide.js', from: "if (isAnotherReady(c, vpn))\n        goDown(c, vpn, { kind: 'rest', status: 'Failed' }",
    to: "if (false)\n        goDown(c, vpn, { kind: 'rest', status: 'Failed' }",
  },
  {
    rule: 'A new turn has its own tries',
    file: 'decide.js', from: 'vpn.restarts = 0;', to: ';',
  },
  {
    rule: 'Of two that serve only the weaker yields',
    file: 'decide.js', from: 'isServed && isStronger : ', to: 'isServed : ',
  },
  {
    rule: 'Of two that serve the weaker yields',
    file: 'decide.js', from: "vpn.status === 'Online' ? isServed && isStronger", to: "vpn.status === 'Online' ? false",
  },
  {
    rule: 'The higher epoch keeps it',
    file: 'context.js', from: 'return report.epoch > vpn.epoch;', to: 'return report.epoch < vpn.epoch;',
  },
  {
    rule: 'An activation has a higher epoch than any before',
    file: 'context.js', from: 'highestEpoch(c.state, vpn) + 1', to: '1',
  },
  {
    rule: 'Nobody gives way to whoever is on its way down',
    file: 'context.js', from: "leaving: vpn.destination?.kind === 'rest'", to: 'leaving: false',
  },
  {
    rule: 'The holder yields to the administrator\'s word for another site',
    file: 'decide.js', from: 'if (report.forced && isStronger) {', to: 'if (false) {',
  },
  {
    rule: 'Whoever takes it waits until the holder has let go',
    file: 'drive.js', from: '!vpn.session && reportsOn(c, vpn).some(({ report }) => report.claim)', to: 'false',
  },
  {
    rule: 'The administrator\'s wish is kept on disk',
    file: 'context.js', from: "effects.push({ type: 'persist', vpn: vpn.id, saved: { want, epoch",
    to: "({ type: 'persist', vpn: vpn.id, saved: { want, epoch",
  },
  {
    rule: 'set_offline is never undone by healing',
    file: 'command.js', from: "return goDown(c, vpn, { kind: 'rest', status: 'Offline' }, reason);",
    to: "return goDown(c, vpn, { kind: 'rest', status: 'Replica' }, reason);",
  },
  {
    rule: 'Disabled is never Replica',
    file: 'context.js', from: "if (want === 'offline' || replicaMode === 'Disabled')", to: "if (want === 'offline')",
  },
  {
    rule: 'Disabled takes nothing by itself',
    file: 'context.js', from: "now >= vpn.notBefore && state.replicaMode !== 'Disabled' &&", to: 'now >= vpn.notBefore &&',
  },
  {
    rule: 'Who yields is as good as any replica',
    file: 'context.js', from: "restAfterYielding = ({ replicaMode }, { want }) => want === 'offline' || replicaMode === 'Disabled' ?",
    to: "restAfterYielding = ({ replicaMode }, { want }) => want !== 'replica' && replicaMode !== 'Auto' ?",
  },
  {
    rule: 'The farewell is sent before the end',
    file: 'step.js', from: "if (hasNews(before, state))", to: "if (hasNews(before, state) && state.status !== 'AdminOffline')",
  },
  {
    rule: 'A message that is not newer changes nothing',
    file: 'peers.js', from: 'if (peer.heard !== undefined && !isLater(message, peer.heard))', to: 'if (false)',
  },
  {
    rule: 'A report that is not newer changes nothing',
    file: 'peers.js', from: 'if (peer === undefined || !isNewer({ incarnation, seq }, peer.report))', to: 'if (peer === undefined)',
  },
  {
    rule: 'A stranger changes nothing',
    file: 'peers.js', from: 'state.peers.find(({ site }) => site === message.site)',
    to: 'state.peers.find(({ site }) => site === message.site) ?? state.peers[0]',
  },
  {
    rule: 'Alive is who answers, not who speaks',
    file: 'peers.js', from: 'Math.max(peer.confirmedAt, echo.sentAt)', to: 'c.now',
  },
  {
    rule: 'Whom another site sees is alive',
    file: 'peers.js', from: 'found.add(next);', to: ';',
  },
  {
    rule: 'Silence is death',
    file: 'peers.js', from: 'now - confirmedAt <= state.config.timing.aliveMs', to: 'confirmedAt > 0',
  },
  {
    rule: 'After a pause nobody is accused',
    file: 'step.js', from: 'state.graceUntil = c.now + state.config.timing.aliveMs;\n    state.now', to: ';\n    state.now',
  },
  {
    rule: 'A side without a majority holds back',
    file: 'peers.js', from: 'return alive * 2 > state.config.sites.length;', to: 'return true;',
  },
  {
    rule: 'Whoever a peer does not know takes nothing, and lets go',
    file: 'decide.js', from: 'const peer = disowner(c);', to: 'const peer = undefined;',
  },
  {
    rule: 'A peer that is gone holds nobody back',
    file: 'peers.js', from: 'peer.disownsUntil = c.now + c.state.config.timing.aliveMs;', to: 'peer.disownsUntil = Infinity;',
  },
  {
    rule: 'What a site has that was removed is not taken from it while it is alive',
    file: 'reconfigure.js', from: '!sites.has(site) && alive', to: 'false',
  },
  {
    rule: 'While configurations differ sites take their turns by name',
    file: 'decide.js', from: 'isCommon(c) ? priority :', to: 'true ? priority :',
  },
  {
    rule: 'While configurations differ the name decides between equals',
    file: 'context.js', from: 'isCommon(c) && rank', to: 'rank',
  },
  {
    rule: 'Lease mode: nothing starts without a lease',
    file: 'drive.js', from: "if (agree === 'lease' && vpn.lease === undefined)", to: 'if (false)',
  },
  {
    rule: 'Lease mode: who cannot renew lets go in time',
    file: 'lease.js', from: 'if (!isUsable(c, vpn.lease))', to: 'if (false)',
  },
  {
    rule: 'Lease mode: the lease is renewed',
    file: 'lease.js', from: 'if (vpn.lease === undefined || c.now < vpn.renewAt)', to: 'if (true)',
  },
  {
    rule: 'Lease mode: a new holder waits out the stop budget of the last one',
    file: 'lease.js', from: 'vpn.notBefore = c.now + timing.stopBudgetMs;', to: ';',
  },
  {
    rule: 'Lease mode: suspended, the lease counts as lost',
    file: 'step.js', from: "if (state.config.agree === 'lease')", to: 'if (false)',
  },
  {
    rule: 'Lease mode: who is down releases the lease',
    file: 'down.js', from: "c.effects.push({ type: 'releaseLease', vpn: vpn.id, token: vpn.lease.token });", to: ';',
  },
  {
    rule: 'Lease mode: a session that was found is not kept without a lease',
    file: 'lease.js', from: 'if (vpn.session)', to: 'if (false)',
  },
  {
    rule: 'Lease mode: who can\'t have the lease lets another site try',
    file: 'lease.js', from: 'if (c.now >= vpn.proveBy && isAnotherReady(c, vpn))', to: 'if (false)',
  },
];
