import type { Command } from './command.js';

export const connect: Command = {
  name: 'connect',
  usage: 'host:port',
  summary: 'open a new session, with the same or other servers',
  isLocal: true,
  async run({ shell, words: [servers] }) {
    await shell.connection.open(servers ?? shell.connection.servers);
  },
};
