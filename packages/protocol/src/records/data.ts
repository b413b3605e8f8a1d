import type { Schema } from '../schema.js';

/** The records of the Java package org.apache.zookeeper.data (spec 1.7). */
export const dataRecords = {
  Id: { scheme: 'ustring', id: 'ustring' },
  ACL: { perms: 'int', id: 'Id' },
  Stat: {
    czxid: 'zxid',
    mzxid: 'zxid',
    ctime: 'timeMs',
    mtime: 'timeMs',
    version: 'int',
    cversion: 'int',
    aversion: 'int',
    ephemeralOwner: 'long',
    dataLength: 'int',
    numChildren: 'int',
    pzxid: 'zxid',
  },
  StatPersisted: {
    czxid: 'zxid',
    mzxid: 'zxid',
    ctime: 'timeMs',
    mtime: 'timeMs',
    version: 'int',
    cversion: 'int',
    aversion: 'int',
    ephemeralOwner: 'long',
    pzxid: 'zxid',
  },
  ClientInfo: { authScheme: 'ustring', user: 'ustring' },
} as const satisfies Schema;
