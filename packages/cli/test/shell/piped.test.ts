import assert from 'node:assert/strict';
import test from 'node:test';
import { zkcli } from '../support/run-shell.js';
import { serverPort } from '../support/server.js';

const connected = '\nWATCHER::\n\nWatchedEvent state:SyncConnected type:None path:null zxid: -1\n';
const closed = '\nWATCHER::\n\nWatchedEvent state:Closed type:None path:null zxid: -1\n';

test("lines from a pipe run between prompts, as with the line reader of ZooKeeper's shell", async (context) => {
  const port = await serverPort(context);
  const { stdout, stderr, exitCode } = await zkcli(
    context,
    port,
    [],
    ['ls /', '', 'get /none', 'create /a\\\\b "x y"'],
  );
  const prompt = (number: number) => `[zk: 127.0.0.1:${port}(CONNECTED) ${number}] `;
  assert.equal(
    stdout,
    `Connecting to 127.0.0.1:${port}\nWelcome to ZooKeeper!\nJLine support is enabled\n${connected}` +
      `${prompt(0)}[zookeeper]\n${prompt(1)}${prompt(1)}${prompt(2)}${prompt(3)}JLine support is disabled\n`,
  );
  assert.equal(stderr, 'Node does not exist: /none\nCreated /a\\b\n');
  assert.equal(exitCode, 0);
});

test('the exit code is that of the last command, and quit ends the session and skips later lines', async (context) => {
  const port = await serverPort(context);
  assert.equal((await zkcli(context, port, [], ['get /none'])).exitCode, 1);
  const { stdout, exitCode } = await zkcli(context, port, [], ['get /none', 'quit', 'ls /']);
  assert.equal(exitCode, 1);
  assert.ok(stdout.endsWith(`[zk: 127.0.0.1:${port}(CONNECTED) 1] ${closed}`), stdout);
});

test('exit and help are commands, too', async (context) => {
  const port = await serverPort(context);
  const { stdout } = await zkcli(context, port, [], ['help', 'help get', 'help nonsense', 'exit', 'ls /']);
  assert.match(stdout, /^.*\] addWatch +watch a node/m);
  assert.match(
    stdout,
    /get \[-s\] \[-w\] \[-b\] \[-x\] path\nprint the data of a node\n -b {3}Output data in base64 format\n/,
  );
  assert.ok(!stdout.includes('[zookeeper]'));
});

test('watch events are printed once, and not while printwatches is off', async (context) => {
  const port = await serverPort(context);
  const lines = [
    'create /a',
    'get -w /a',
    'stat -w /a',
    'set /a x',
    'sync /',
    'printwatches off',
    'get -w /a',
    'set /a y',
    'sync /',
  ];
  const { stdout } = await zkcli(context, port, [], lines);
  const events = stdout.match(/WatchedEvent .*type:Node.*/g);
  assert.deepEqual(events, ['WatchedEvent state:SyncConnected type:NodeDataChanged path:/a zxid: 3']);
});

test('redo and history number the lines', async (context) => {
  const port = await serverPort(context);
  const { stdout, stderr } = await zkcli(context, port, [], ['ls /', 'redo 0', 'history', 'redo 3', 'redo 9']);
  assert.match(stdout, /\[zookeeper\]\n.*\[zookeeper\]\n.*0 - ls \/\n1 - ls \/\n2 - history\n/);
  assert.equal(stderr, 'Command index out of range\nCommand index out of range\n');
});

test('commands without a session report that, and connect opens a new session', async (context) => {
  const port = await serverPort(context);
  const { stdout } = await zkcli(context, port, [], ['close', 'ls /', `connect 127.0.0.1:${port}/`, 'ls /']);
  assert.match(stdout, /\(CLOSED\) 1\] Not connected\n/);
  assert.match(stdout, /\[zookeeper\]\n/);
});

test('rejected credentials end the session with an event', async (context) => {
  const port = await serverPort(context);
  const { stdout, stderr } = await zkcli(context, port, [], ['addauth nonsense x', 'get /', 'ls /']);
  assert.match(stdout, /state:AuthFailed type:None/);
  assert.match(stdout, /Not connected\n/);
  assert.equal(stderr, 'KeeperErrorCode = AuthFailed for /\n');
});

test('deleteall deletes in batches, and reports a failure', async (context) => {
  const port = await serverPort(context);
  const create = Array.from({ length: 25 }, (_, index) => `create /d/${index}`);
  const lines = [
    'create /d',
    ...create,
    'deleteall /d -b 2',
    'ls /',
    'create /l x world:anyone:crwa',
    'create /l/1',
    'deleteall /l',
  ];
  const { stdout, stderr, exitCode } = await zkcli(context, port, [], lines);
  assert.match(stdout, /\[zookeeper\]\n/);
  assert.ok(stderr.endsWith('Failed to delete some node(s) in the subtree!\n'), stderr);
  assert.equal(exitCode, 0);
});
