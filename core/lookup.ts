/** For sockets whose peers have addresses and no names: nothing to look up, so no tick of the event loop spent on it. */
export const noLookup = (address: string, _options: unknown, callback: (error: null, address: string, family: number) => void): void =>
  callback(null, address, 0);
