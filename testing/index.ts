/**
 * `vpncore/testing`: what the project's own tests use, for plugins of others as well. A server from the text of a Corefile, an upstream that
 * follows a script, a clock that stands still until it is moved.
 */
export { TestClock } from './clock.js';
export {
  createTestServer, decodeAnswer, encodeQuestion, testMachine, TestServer, type Asking, type TestAnswer, type TestServerOptions,
} from './server.js';
export { ScriptedUpstream, type Answerer, type Asked, type Script } from './scripted.js';
export {
  closedPort, helpful, LoopbackUpstream, ReceivedQuery, startLoopbackUpstream, type Behaviour, type LoopbackAnswer, type LoopbackOptions,
} from './upstream.js';
export { CountedSockets, startForwarding, type Forwarding, type ForwardingOptions } from './forwarding.js';
export { LoopbackHttp, type HttpAnswer, type HttpAsking } from './http.js';
export { faults, startFaultUpstream, type Fault, type FaultBehaviour, type FaultOptions, type FaultOutcome, type FaultWorld } from './faults.js';
export {
  recordFromText, toQuestion, wireLabels, wireMessage, wireName, wireOpt, wireOption, wireQuestion, wireRecord, type WireMessage, type WireRecordOptions,
} from './wire.js';
export { TestNetwork, type Arrival } from './network.js';
export { TestRandom } from './random.js';
