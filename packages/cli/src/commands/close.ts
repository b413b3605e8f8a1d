import type { Command } from './command.js';

export const close: Command = {
  name: 'close',
  usage: '',
  summary: 'end the session; connect opens a new one',
  async run({ shell }) {
    await shell.connection.close();
  },
};
