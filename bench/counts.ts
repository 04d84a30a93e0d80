/** What a server counts of itself: with it, nothing that is lost on the way back, or at a busy generator, counts as lost by the server. */

/** Looks at the metrics of a server with `prometheus` at this port. @returns the sum of those whose lines match */
export async function metricsOf(port: number): Promise<(line: RegExp) => number> {
  const lines = (await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).split('\n');
  return (line) => lines.reduce((sum, each) => sum + (line.test(each) ? Number(each.slice(each.lastIndexOf(' '))) : 0), 0);
}

/** The sum of the metrics of a server with `prometheus` at this port whose lines match. */
export const counted = async (port: number, line: RegExp): Promise<number> => (await metricsOf(port))(line);
