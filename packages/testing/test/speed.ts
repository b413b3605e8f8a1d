import { startEnsemble, startServer, type TestEnsemble } from '../src/index.js';

/** Measures what docs/testing.md promises: `node packages/testing/dist/test/speed.js`. Prints medians. */
const starts = 15;
const rollbacks = 100;
const nodes = 500;
const changesPerKind = 20;

function report(what: string, timesMs: number[]): void {
  timesMs.sort((one, other) => one - other);
  const at = (share: number) => timesMs[Math.floor(timesMs.length * share)]!.toFixed(1);
  console.log(`${what.padEnd(40)} median ${at(0.5)} ms, 90 % ${at(0.9)} ms`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

async function measureRollback(ensemble: TestEnsemble): Promise<number[]> {
  const zk = await ensemble.connect();
  await zk.create('/a');
  await Promise.all(Array.from({ length: nodes }, (_, index) => zk.create(`/a/${index}`, 'before')));
  await ensemble.snapshot();
  const timesMs: number[] = [];
  while (timesMs.length < rollbacks) {
    const changes = Array.from({ length: changesPerKind }, (_, index) => [
      zk.set(`/a/${index}`, 'after'),
      zk.create(`/a/new-${index}`),
      zk.delete(`/a/${index + changesPerKind}`),
    ]);
    await Promise.all(changes.flat());
    timesMs.push(await timed(() => ensemble.rollback()));
  }
  return timesMs;
}

console.log(`first server of the process: ${(await timed(async () => (await startServer()).close())).toFixed(1)} ms`);
for (const transport of ['ports', 'memory'] as const) {
  await using warmUp = await startEnsemble(3, { transport });
  await measureRollback(warmUp);
  await warmUp.close();
  for (const size of [1, 3]) {
    const start = () => (size === 1 ? startServer({ transport }) : startEnsemble(size, { transport }));
    const timesMs: number[] = [];
    while (timesMs.length < starts) {
      let started: TestEnsemble | undefined;
      const timeMs = await timed(async () => {
        started = await start();
      });
      timesMs.push(timeMs);
      await started?.close();
    }
    report(`${transport}: start of ${size}`, timesMs);
    await using ensemble = await start();
    report(`${transport}: rollback with ${size}`, await measureRollback(ensemble));
  }
}
