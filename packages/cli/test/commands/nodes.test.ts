import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { shellUsage } from '../../src/commands/table.js';
import { command } from '../support/run-shell.js';
import { serverPort } from '../support/server.js';

/**
 * Runs the command line of each row as a one-shot `zkcli`, all on the same server. Compares the output and the exit
 * code with the row. Blanks separate the words of a command line.
 */
async function session(
  context: TestContext,
  rows: readonly (readonly [line: string, stdout: string, stderr: string, exitCode?: number])[],
): Promise<void> {
  const port = await serverPort(context, { extendedTypesEnabled: true, enforceQuota: true });
  for (const [line, stdout, stderr, exitCode = stderr === '' || stderr.startsWith('Created') ? 0 : 1] of rows) {
    assert.deepEqual(await command(context, port, ...line.split(' ')), { stdout, stderr, exitCode }, line);
  }
}

const deprecated = (old: string, current: string) => `'${old}' has been deprecated. Please use '${current}' instead.\n`;
const invalidPath = 'Invalid path string "/a//b" caused by empty node name specified @3\n';

test('nodes are created, read, written and deleted with the texts of ZooKeeper', (context) =>
  session(context, [
    ['create /a first', '', 'Created /a\n'],
    ['create /a again', '', 'Node already exists: /a\n'],
    ['create /a/b', '', 'Created /a/b\n'],
    ['create -s /a/s- x', '', 'Created /a/s-0000000001\n'],
    ['create /none/x', '', 'Node does not exist: /none/x\n'],
    ['create a', '', 'Path must start with / character\n'],
    ['create /a//b', '', invalidPath],
    ['create -c -e /x', '', '-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.\n'],
    ['create -t 0 /x', '', 'ttl must be positive and cannot be larger than: 1099511627775\n'],
    ['get /a', 'first\n', ''],
    ['get /a/b', 'null\n', ''],
    ['get -b /a', 'Zmlyc3Q=\n', ''],
    ['get /none', '', 'Node does not exist: /none\n'],
    ['set /a second', '', ''],
    ['set -v 7 /a third', '', 'version No is not valid : /a\n'],
    ['set -b /a !', '', 'Illegal base64 character 21\n'],
    ['set -b /a c2l4', '', ''],
    ['get /a', 'six\n', ''],
    ['ls /a', '[b, s-0000000001]\n', ''],
    ['ls -R /a', '/a\n/a/b\n/a/s-0000000001\n', ''],
    ['ls / watch', '[a, zookeeper]\n', deprecated('ls path [watch]', 'ls [-w] path'), 0],
    ['get /a watch', 'six\n', deprecated('get path [watch]', 'get [-s] [-w] path'), 0],
    ['ls /none', '', 'Node does not exist: /none\n'],
    ['getAllChildrenNumber /a', '2\n', ''],
    ['getEphemerals', '[]\n', ''],
    ['delete /a', '', 'Node not empty: /a\n'],
    ['deleteall /a', '', ''],
    ['stat /a', '', 'Node does not exist: /a\n'],
    ['sync /', 'Sync is OK\n', ''],
    ['nodes', '', `${shellUsage()}\nCommand not found: Command not found nodes\n`, 127],
  ]));

test('quotas are set, shown, enforced and removed with the texts of ZooKeeper', (context) =>
  session(context, [
    ['create /q x', '', 'Created /q\n'],
    ['setquota -n 0 /q', '', 'the num quota must be greater than zero\n', 0],
    ['setquota -n 5 /none', '', '/none does not exist.\n'],
    ['setquota -N 2 /q', '', ''],
    [
      'listquota /q',
      'Output quota for /q count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=2\nOutput stat for /q count=1,bytes=1\n',
      'absolute path is /zookeeper/quota/q/zookeeper_limits\n',
      0,
    ],
    ['setquota -b 0 /q', '[Warning]: the bytes quota you create is less than the existing bytes:1\n', ''],
    ['create /q/1', '', 'Created /q/1\n'],
    ['create /q/2', '', 'Quota has exceeded : /q/2\n'],
    ['setquota -n 5 /q/1', '', '/q/1 has a parent /q which has a quota\n'],
    ['setquota -n 5 /', '', 'Path must not end with / character\n'],
    ['delquota /q', '', ''],
    ['delquota /q', 'Quota does not exist for /q\n', ''],
    ['ls -R /zookeeper/quota', '/zookeeper/quota\n', ''],
  ]));

test('ACLs are set and shown with the texts of ZooKeeper', (context) =>
  session(context, [
    ['create /a x world:anyone:cdrwa', '', 'Created /a\n'],
    ['setAcl /a world:anyone:ra,ip:127.0.0.1:w', '', ''],
    ['getAcl /a', "'world,'anyone\n: ra\n'ip,'127.0.0.1\n: w\n", ''],
    ['setAcl /a nonsense', '', 'nonsense does not have the form scheme:id:perm\nAcl is not valid : null\n'],
    ['create /b x ,', '', 'KeeperErrorCode = InvalidACL\nAcl is not valid : null\n'],
    ['create /b x foo:bar:r', '', 'KeeperErrorCode = InvalidACL for /b\nAcl is not valid : /b\n'],
    ['create /a/b', '', 'Insufficient permission : /a/b\n'],
    ['whoami', 'Auth scheme: User\nip: 127.0.0.1\n', ''],
  ]));
