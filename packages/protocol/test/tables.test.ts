import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AddWatchMode,
  CreateFlag,
  createModes,
  ErrorCode,
  EventType,
  errorName,
  errorText,
  KeeperState,
  OpCode,
  opByNumber,
  opTable,
  Perm,
  records,
  WatcherType,
  Xid,
} from '../src/index.js';

test('1.5: operation numbers', () => {
  assert.deepEqual(OpCode, {
    notification: 0,
    create: 1,
    delete: 2,
    exists: 3,
    getData: 4,
    setData: 5,
    getACL: 6,
    setACL: 7,
    getChildren: 8,
    sync: 9,
    ping: 11,
    getChildren2: 12,
    check: 13,
    multi: 14,
    create2: 15,
    reconfig: 16,
    checkWatches: 17,
    removeWatches: 18,
    createContainer: 19,
    deleteContainer: 20,
    createTTL: 21,
    multiRead: 22,
    auth: 100,
    setWatches: 101,
    sasl: 102,
    getEphemerals: 103,
    getAllChildrenNumber: 104,
    setWatches2: 105,
    addWatch: 106,
    whoAmI: 107,
    createSession: -10,
    closeSession: -11,
    error: -1,
  });
});

test('1.5: an operation is found by its number, and 10 and other unassigned numbers have no operation', () => {
  for (const [name, row] of Object.entries(opTable)) {
    const { kind, label } = row;
    assert.deepEqual(opByNumber(row.number), { name, number: row.number, kind, label });
  }
  for (const number of [10, 23, 99, 108, -2, -12]) assert.equal(opByNumber(number), undefined);
});

test('1.5: the labels of `cons`', () => {
  const labels =
    'PING SESS MULT MLTR CREA DELE SETD RECO SETA CLOS SYNC CHEC EXIS GETD SETW STW2 ADDW GETA GETC GETACN CHKW REMW HOMI GETE';
  const shown = Object.entries(opTable).filter(([name, row]) => name !== 'notification' && row.label !== 'NA');
  assert.deepEqual([...new Set(shown.map(([, row]) => row.label))].sort(), labels.split(' ').sort());
  assert.equal(opTable.deleteContainer.label, 'DELE');
  assert.equal(opTable.createTTL.label, 'CREA');
  assert.equal(opTable.getChildren2.label, 'GETC');
});

test('1.5: every request and response of the operation table is a record, or multi', () => {
  for (const [name, { request, response }] of Object.entries(opTable)) {
    for (const record of [request, response]) {
      assert.ok(record === null || record === 'multi' || record in records, `${name}: ${record}`);
    }
  }
});

test('1.9.32: a read-only server refuses exactly the operations of the kinds write and sync', () => {
  const refused =
    'sync create create2 createTTL createContainer delete deleteContainer setData reconfig setACL multi check';
  const rows = Object.entries(opTable).filter(([name]) => name !== 'error');
  const names = rows.filter(([, { kind }]) => kind === 'write' || kind === 'sync').map(([name]) => name);
  assert.deepEqual(names.sort(), refused.split(' ').sort());
});

test('1.6: error numbers', () => {
  assert.deepEqual(ErrorCode, {
    OK: 0,
    SYSTEMERROR: -1,
    RUNTIMEINCONSISTENCY: -2,
    DATAINCONSISTENCY: -3,
    CONNECTIONLOSS: -4,
    MARSHALLINGERROR: -5,
    UNIMPLEMENTED: -6,
    OPERATIONTIMEOUT: -7,
    BADARGUMENTS: -8,
    UNKNOWNSESSION: -12,
    NEWCONFIGNOQUORUM: -13,
    RECONFIGINPROGRESS: -14,
    APIERROR: -100,
    NONODE: -101,
    NOAUTH: -102,
    BADVERSION: -103,
    NOCHILDRENFOREPHEMERALS: -108,
    NODEEXISTS: -110,
    NOTEMPTY: -111,
    SESSIONEXPIRED: -112,
    INVALIDCALLBACK: -113,
    INVALIDACL: -114,
    AUTHFAILED: -115,
    SESSIONMOVED: -118,
    NOTREADONLY: -119,
    EPHEMERALONLOCALSESSION: -120,
    NOWATCHER: -121,
    REQUESTTIMEOUT: -122,
    RECONFIGDISABLED: -123,
    SESSIONCLOSEDREQUIRESASLAUTH: -124,
    QUOTAEXCEEDED: -125,
    THROTTLEDOP: -127,
  });
});

test('1.6: names and texts of errors', () => {
  for (const [name, code] of Object.entries(ErrorCode)) assert.equal(errorName(code), name);
  assert.equal(errorText(0), 'ok');
  assert.equal(errorText(ErrorCode.NONODE), 'NoNode');
  assert.equal(errorText(ErrorCode.NOTEMPTY), 'Directory not empty');
  assert.equal(errorText(ErrorCode.UNKNOWNSESSION), 'Unknown error UNKNOWNSESSION');
  assert.equal(errorText(ErrorCode.REQUESTTIMEOUT), 'Unknown error REQUESTTIMEOUT');
  assert.equal(errorText(ErrorCode.NEWCONFIGNOQUORUM), 'NewConfigNoQuorum');
  assert.equal(errorText(ErrorCode.QUOTAEXCEEDED), 'Quota has exceeded');
  for (const code of [1, -9, -126, -116]) {
    assert.equal(errorName(code), undefined);
    assert.equal(errorText(code), `Unknown error ${code}`);
  }
});

test('1.4, 1.8, 2.1: the small enumerations', () => {
  assert.deepEqual(Xid, { notification: -1, ping: -2, auth: -4, setWatches: -8 });
  assert.deepEqual(Perm, { READ: 1, WRITE: 2, CREATE: 4, DELETE: 8, ADMIN: 16, ALL: 31 });
  assert.deepEqual(EventType, {
    none: -1,
    nodeCreated: 1,
    nodeDeleted: 2,
    nodeDataChanged: 3,
    nodeChildrenChanged: 4,
  });
  assert.equal(KeeperState.syncConnected, 3);
  assert.equal(KeeperState.expired, -112);
  assert.deepEqual(WatcherType, { children: 1, data: 2, any: 3, persistent: 4, persistentRecursive: 5 });
  assert.deepEqual(AddWatchMode, { persistent: 0, persistentRecursive: 1 });
});

test('1.10: the seven create modes are found by their flags, and no others', () => {
  assert.equal(createModes.length, 7);
  for (const [name, flag] of Object.entries(CreateFlag)) {
    const mode = createModes[flag];
    assert.ok(mode, name);
    assert.equal(mode.name, name);
    assert.equal(mode.ephemeral, name.startsWith('EPHEMERAL'));
    assert.equal(mode.sequential, name.includes('SEQUENTIAL'));
    assert.equal(mode.container, name === 'CONTAINER');
    assert.equal(mode.ttl, name.endsWith('WITH_TTL'));
  }
});
