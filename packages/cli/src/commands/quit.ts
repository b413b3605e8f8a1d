import type { Command } from './command.js';

export const quit: Command = {
  name: 'quit',
  usage: '',
  summary: 'end the session and the shell',
  isLocal: true,
  run: ({ shell }) => shell.quit(),
};

export const exit: Command = {
  ...quit,
  name: 'exit',
  summary: 'the same as quit',
  isExtra: true,
};
