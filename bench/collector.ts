/** Goes before the server under `--expose-gc --import`: what lives can only be told from garbage once that is collected, which SIGUSR2 asks for. */
process.on('SIGUSR2', () => {
  globalThis.gc?.();
  globalThis.gc?.();
});
