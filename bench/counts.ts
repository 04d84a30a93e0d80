/** What a server counts of itself: with it, nothing that is lost on the way back, or at a busy generator, counts as lost by the server. */

/** The sum of the metrics of a server with `prometheus` at this port whose lines match. */
export async function counted(port: number, line: RegExp): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return text.split('\n').reduce((sum, each) => sum + (line.test(each) ? Number(each.slice(each.lastIndexOf(' '))) : 0), 0);
}
