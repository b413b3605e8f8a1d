import type { Command } from './command.js';

export const whoami: Command = {
  name: 'whoami',
  usage: '',
  summary: 'list the identities of this session',
  async run({ zk, output }) {
    const identities = await zk.whoAmI();
    const lines = identities.map(({ scheme, user }) => `${scheme}: ${user}`);
    output.result(['Auth scheme: User', ...lines].join('\n'), { identities });
  },
};
