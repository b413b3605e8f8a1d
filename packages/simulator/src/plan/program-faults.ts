import type { FaultRow } from './faults.js';

const chosen = <T>(items: readonly T[], draw: number): T | undefined => items[Math.floor(draw * items.length)];

/** The additional faults of runs with recipes. They hit the programs that use a recipe. */
export const programFaultTable = {
  killOfProgram: {
    weight: 10,
    longestMs: 3000,
    happen: ({ clients }, _server, { durationMs, draw }) => chosen(clients, draw)?.die?.(durationMs),
  },
  resetOfProgram: {
    weight: 20,
    longestMs: 0,
    happen: ({ network, clients, servers }, _server, { draw }) => {
      const client = chosen(clients, draw);
      if (client === undefined) return;
      const sides = (draw * 1009) % 1 < 0.7 ? 'both' : 'first';
      for (const { name } of servers) network.reset(name, client.name, sides);
    },
  },
  lostReplies: {
    weight: 24,
    longestMs: 0,
    // the next transaction is committed, and the replies of that moment do not reach the programs
    happen: (ensemble, server) => {
      const leader = ensemble.servers.find(({ isLeading }) => isLeading) ?? server;
      ensemble.whenNext(leader, 'committed', () => {
        for (const { name } of ensemble.servers) {
          for (const client of ensemble.clients) ensemble.network.reset(name, client.name);
        }
      });
    },
  },
  cutOfProgram: {
    weight: 14,
    longestMs: 6000,
    // often longer than the timeout of the session
    happen: ({ network, clients, servers }, _server, { durationMs, draw }) => {
      const client = chosen(clients, draw);
      if (client === undefined) return;
      const way = (draw * 1009) % 1;
      for (const { name } of servers) {
        if (way < 0.7) network.cut(name, client.name, durationMs);
        if (way > 0.3) network.cut(client.name, name, durationMs);
      }
    },
  },
  lagOfProgram: {
    weight: 8,
    longestMs: 4000,
    happen: ({ network, clients, servers }, _server, { durationMs, draw }) => {
      const client = chosen(clients, draw);
      if (client === undefined) return;
      const way = (draw * 1009) % 1;
      for (const { name } of servers) {
        if (way < 0.7) network.lag(name, client.name, 20 + way * 400, durationMs);
        if (way > 0.3) network.lag(client.name, name, 20 + way * 400, durationMs);
      }
    },
  },
  pauseOfProgram: {
    weight: 8,
    longestMs: 6000,
    happen: ({ clients }, _server, { durationMs, draw }) => chosen(clients, draw)?.process.pause(durationMs),
  },
} as const satisfies Record<string, FaultRow>;
