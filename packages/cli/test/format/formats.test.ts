import assert from 'node:assert/strict';
import test from 'node:test';
import { clientAddresses } from '../../src/format/client-addresses.js';
import { hexDump } from '../../src/format/hex-dump.js';
import { formatIdRecord } from '../../src/format/id-record.js';
import { javaDate } from '../../src/format/java-date.js';
import { inPropertiesOrder } from '../../src/format/java-order.js';
import { formatStat } from '../../src/format/stat.js';
import { StatsTrack } from '../../src/format/stats-track.js';
import { optionLines } from '../../src/format/usage.js';

const summer = 1_753_000_000_000;
const winter = 1_737_000_000_000;

const dates: readonly (readonly [zone: string, epochMs: number, text: string])[] = [
  ['UTC', 0, 'Thu Jan 01 00:00:00 UTC 1970'],
  ['Etc/UTC', summer, 'Sun Jul 20 08:26:40 UTC 2025'],
  ['Europe/London', summer, 'Sun Jul 20 09:26:40 BST 2025'],
  ['Europe/London', winter, 'Thu Jan 16 04:00:00 GMT 2025'],
  ['Europe/Dublin', summer, 'Sun Jul 20 09:26:40 IST 2025'],
  ['Europe/Berlin', summer, 'Sun Jul 20 10:26:40 CEST 2025'],
  ['Europe/Berlin', winter, 'Thu Jan 16 05:00:00 CET 2025'],
  ['America/Sao_Paulo', winter, 'Thu Jan 16 01:00:00 BRT 2025'],
  ['America/New_York', summer, 'Sun Jul 20 04:26:40 EDT 2025'],
  ['Australia/Sydney', winter, 'Thu Jan 16 15:00:00 AEDT 2025'],
  ['Asia/Pyongyang', winter, 'Thu Jan 16 13:00:00 KST 2025'],
  ['Asia/Kathmandu', winter, 'Thu Jan 16 09:45:00 NPT 2025'],
];

test("a date is printed as in Java, with Java's name of the time zone", () => {
  for (const [zone, epochMs, text] of dates) assert.equal(javaDate(epochMs, zone), text, zone);
});

test('a stat is printed in eleven lines, with ids in hexadecimal', () => {
  const stat = { czxid: 2 ** 40, mzxid: 255, ctime: 0, mtime: 0, version: 1, cversion: -1, aversion: 0 };
  const text = formatStat({ ...stat, ephemeralOwner: -1n, dataLength: 3, numChildren: 0, pzxid: 16 });
  const dateless = text.replaceAll(/time = .*/g, 'time = (a time)').split('\n');
  assert.deepEqual(dateless, [
    'cZxid = 0x10000000000',
    'ctime = (a time)',
    'mZxid = 0xff',
    'mtime = (a time)',
    'pZxid = 0x10',
    'cversion = -1',
    'dataVersion = 1',
    'aclVersion = 0',
    'ephemeralOwner = 0xffffffffffffffff',
    'dataLength = 3',
    'numChildren = 0',
  ]);
});

test("a hex dump is the same table as Netty's, and is empty for no data", () => {
  assert.equal(hexDump(Buffer.alloc(0)), '');
  assert.deepEqual(hexDump(Buffer.from('0123456789abcdefg\n\x7f~')).split('\n'), [
    '         +-------------------------------------------------+',
    '         |  0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f |',
    '+--------+-------------------------------------------------+----------------+',
    '|00000000| 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66 |0123456789abcdef|',
    '|00000010| 67 0a 7f 7e                                     |g..~            |',
    '+--------+-------------------------------------------------+----------------+',
  ]);
});

test('an id is printed as a record, with its separators escaped', () => {
  assert.equal(formatIdRecord({ scheme: 'x509', id: 'CN=a,O=50%}' }), "'x509,'CN=a%2CO=50%25%7D\n");
});

test('a quota has its hard limits after a second =, and the text of older versions is read', () => {
  assert.equal(`${new StatsTrack()}`, 'count=-1,bytes=-1');
  assert.equal(`${new StatsTrack('count=5,bytes=9')}`, 'count=5,bytes=9');
  const text = 'count=5,bytes=-1=;byteHardLimit=7;countHardLimit=-1';
  assert.equal(`${new StatsTrack(text)}`, text);
});

test('servers are listed in the order of a Java Properties object', () => {
  const keys = (count: number) => Array.from({ length: count }, (_, index) => `server.${index + 1}`);
  const numbers = (count: number) =>
    inPropertiesOrder([...keys(count), 'version'])
      .map((key) => key.slice(7))
      .join(' ');
  assert.equal(numbers(3), '2 1 3 ');
  assert.equal(numbers(5), '2 1 5 4 3 ');
  assert.equal(numbers(12), ' 10 11 2 1 12 6 5 4 3 9 8 7');
  assert.equal(numbers(20), '18 19 16 17  10 11 20 2 14 1 15 12 13 6 5 4 3 9 8 7');
});

test('client addresses are the text after the semicolon', () => {
  const lines = [
    'server.1=a:2888:3888:participant;10.0.0.1:2181',
    'server.2=b:2888:3888;2182',
    'server.3=c:2888:3888',
    'version=100000000',
  ];
  assert.equal(clientAddresses(lines.join('\n')), '100000000 0.0.0.0:2182,10.0.0.1:2181,');
  assert.equal(clientAddresses(''), ' ');
});

test('options are listed by name without regard to case, with their texts in a column', () => {
  const rows = [{ name: 'w', text: 'watch' }, { name: 'R' }, { name: 'v', takesValue: true, text: 'version' }] as const;
  assert.equal(optionLines({ rows }), ' -R         \n -v <arg>   version\n -w         watch\n');
});
