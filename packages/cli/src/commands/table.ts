import { addAuth } from './add-auth.js';
import { addWatch } from './add-watch.js';
import { close } from './close.js';
import type { Command } from './command.js';
import { config } from './config.js';
import { connect } from './connect.js';
import { create } from './create.js';
import { deleteNode } from './delete.js';
import { deleteAll } from './deleteall.js';
import { delQuota } from './delquota.js';
import { get } from './get.js';
import { getAcl } from './get-acl.js';
import { getAllChildrenNumber } from './get-all-children-number.js';
import { getEphemerals } from './get-ephemerals.js';
import { help } from './help.js';
import { history } from './history.js';
import { listQuota } from './listquota.js';
import { ls } from './ls.js';
import { printWatches } from './printwatches.js';
import { exit, quit } from './quit.js';
import { reconfig } from './reconfig.js';
import { redo } from './redo.js';
import { removeWatches } from './remove-watches.js';
import { set } from './set.js';
import { setAcl } from './set-acl.js';
import { setQuota } from './setquota.js';
import { stat } from './stat.js';
import { sync } from './sync.js';
import { version } from './version.js';
import { whoami } from './whoami.js';

/** All commands, in the order in which `help` lists them. */
export const commands: readonly Command[] = [
  addWatch,
  addAuth,
  close,
  config,
  connect,
  create,
  deleteNode,
  deleteAll,
  delQuota,
  exit,
  get,
  getAcl,
  getAllChildrenNumber,
  getEphemerals,
  help,
  history,
  listQuota,
  ls,
  printWatches,
  quit,
  reconfig,
  redo,
  removeWatches,
  set,
  setAcl,
  setQuota,
  stat,
  sync,
  version,
  whoami,
];

const byName = new Map(commands.map((command) => [command.name, command]));

export function findCommand(name: string): Command | undefined {
  return byName.get(name);
}

/** The text that ZooKeeper's shell prints for an unknown command. */
export function shellUsage(): string {
  const rows = commands.filter(({ isExtra }) => !isExtra).map(({ name, usage }) => `\t${name} ${usage}`);
  return ['ZooKeeper -server host:port -client-configuration properties-file cmd args', ...rows].join('\n');
}
