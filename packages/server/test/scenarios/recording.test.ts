import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareScenario, recordScenario } from './recording.js';
import { parseScenario } from './scenario-file.js';

const story = `# Two servers elect a leader.

ensemble 2
start 1
# the other one
start 2
until serving 1 2

connect a to 1
create a /x one
`;

function complaintOf(content: string): string {
  try {
    compareScenario('story.txt', content);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

test('a recorded scenario passes, and recording it again changes nothing', () => {
  const recorded = recordScenario('story.txt', story);
  assert.equal(complaintOf(recorded), '');
  assert.equal(recordScenario('story.txt', recorded), recorded);
  const commands = (content: string) => content.split('\n').filter((line) => story.split('\n').includes(line));
  assert.deepEqual(commands(recorded).filter(Boolean), story.split('\n').filter(Boolean));
});

test('two swapped lines fail, with file, line, command and both orders', () => {
  const recorded = recordScenario('story.txt', story).split('\n');
  const at = recorded.findIndex((line) => line.includes('NEWLEADER'));
  [recorded[at - 1], recorded[at]] = [recorded[at]!, recorded[at - 1]!];
  const complaint = complaintOf(recorded.join('\n'));
  assert.match(complaint, /^story\.txt:\d+: start 2\n/);
  assert.match(complaint, /\n- s2 -> s1 NEWLEADER epoch=1\n {2}s2 -> s1 DIFF 0x0\n\+ s2 -> s1 NEWLEADER epoch=1\n/);
});

test('an extra or missing line in a recording fails', () => {
  const recorded = recordScenario('story.txt', story);
  assert.match(complaintOf(recorded.replace('s1 LOOKING\n', '')), /\n\+ s1 LOOKING\n/);
  assert.match(complaintOf(recorded.replace('s1 LOOKING\n', 's1 LOOKING\ns1 DREAMING\n')), /\n- s1 DREAMING\n/);
});

test('a command without a recording fails', () => {
  assert.match(complaintOf('ensemble 1\n'), /^story\.txt:1: ensemble 1\nhas no recording/);
});

for (const [content, expected] of [
  ['ensemble 1\ndance 1\n', /^story\.txt:2: dance 1\n"dance" is not a command; the commands are:\n {2}ensemble COUNT/],
  ['ensemble many\n', /"many" is not a number from 1 on \(COUNT\); the usage is: ensemble COUNT/],
  ['ensemble 3 learners=1\n', /"learners=1" is not understood/],
  ['ensemble 3 pings=1\n', /"pings=1" is not understood/],
  ['ensemble 3\nstart\n', /^story\.txt:2: start\nSERVER is missing/],
  ['ensemble 3\nstart 4\n', /the ensemble has the servers 1 to 3/],
  ['ensemble 3\nstop 1\n', /server 1 is not running/],
  ['ensemble 3\ncut before LUNCH 1>2\n', /there is no packet LUNCH/],
  ['ensemble 3\ncut 1>5\n', /the ensemble has the servers 1 to 3/],
  ['ensemble 3\nuntil dancing 1\n', /"dancing" is not serving, leading or looking \(STATE\)/],
  ['ensemble 3\nget a /x\n', /there is no client a yet/],
  ['start 1\n', /there is no ensemble yet/],
] as const) {
  test(`an impossible command fails: ${content.trim().replace('\n', ', ')}`, () => {
    assert.throws(() => recordScenario('story.txt', content), { message: expected });
  });
}

test('a failing command shows the events before it, and is not recorded', () => {
  const alone = 'ensemble 3\n----\nok\n\nstart 1\n\nuntil serving 1\n----\ns1 sings\n';
  assert.throws(() => recordScenario('story.txt', alone), {
    message:
      /^story\.txt:7: until serving 1\nfails after this trace .*\n\n- s1 sings\n\+ \+30000ms\n\nserving 1: not within 30000 ms/,
  });
});

test('a trace ends at a blank line, and text or a command follows', () => {
  const parts = parseScenario('# text\n\nheal\n----\nok\n\n# more\nheal\n----\n');
  assert.deepEqual(parts, [
    '# text',
    '',
    { line: 3, command: 'heal', recorded: ['ok'] },
    '',
    '# more',
    { line: 8, command: 'heal', recorded: [] },
  ]);
});
