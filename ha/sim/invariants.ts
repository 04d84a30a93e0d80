/** What must hold, in words; the monitor and the end of a run check it. */
export const invariants = {
  S0: 'The machine never throws.',
  S1: 'Lease mode: at no instant do two sites have the route of one VPN, or its session; except a site whose host was frozen, guard and all, until the '
    + 'stop budget after it has thawed, and one whose removal script failed, hung or lied: of these the routers learn by the lower token.',
  S2: 'Once the network and the daemons have been as they are for long enough, a VPN is Online at no more sites than there are parts of the network; a part is '
    + 'what can reach each other by links of which both directions work. (Two sites with nothing but a one-way link are two parts: one of them can never '
    + 'learn that the other is there.) Nobody starts it who must know that it is Online elsewhere. With partition majority: at one site in a part with a '
    + 'majority, and nowhere else.',
  S3: 'A daemon that runs has a route in place only for a session that was proven within checkInterval x retries plus time-outs; except when the script that '
    + 'removes the route fails.',
  S4: 'At most one script at a time for a VPN at a site, and no start without a finished stop before it.',
  S5: 'A message that is not newer than the last one from its sender changes nothing, and of two routes the newer has the higher token.',
  S6: 'Nobody is told that a site has let go of a VPN while there is still a session or a route; except when the script that removes them lied.',
  S7: 'Offline is left by an administrator\'s command alone, nothing starts where the administrator wants it offline or the site is shut down, '
    + 'and Disabled never becomes Replica.',
  S8: 'No work outlives its deadline in the machine.',
  S9: 'A message of a stranger changes nothing.',
  S10: 'A status changes only as the table allows.',
  L1: 'Once nothing fails any more, or in a core that has what it needs, every VPN that a site may have is online at exactly one, with a proven '
    + 'session and a route, within the bound; and where the administrator wants it offline it is Offline.',
  L2: 'Two that are both Online when the network heals do not both yield: one serves on without a gap. (Where '
    + 'the provider ends the older of two sessions it may end that one.)',
  L3: 'Failed is not final: a site that failed takes a VPN again when its pause is over and nobody else has it.',
  L4: 'Under a fault that stays as it is, and once all is as L1 wants it, nothing changes any more, but for the end of Failed. (Where the provider ends the '
    + 'older of two sessions, the sides of a partition fight in peers mode.)',
  L5: 'Two neighbours in the priority list down: the third takes over.',
  L6: 'What connected sites know of each other is true within two pulls of the last change for every link between them.',
} as const;

export type Invariant = keyof typeof invariants;

/** An invariant does not hold. */
export class Violation extends Error {
  readonly invariant: Invariant;
  /** True time. */
  readonly at: number;

  constructor(invariant: Invariant, at: number, what: string) {
    super(what);
    this.invariant = invariant;
    this.at = at;
  }
}
