import assert from 'node:assert/strict';
import test from 'node:test';
import { topFunctions } from '../src/profile.js';

test('a profile is summed by function, without idle time', () => {
  const frame = (functionName: string) => ({ functionName, url: 'file:///x/tree.js', lineNumber: 9 });
  const nodes = [
    { id: 1, callFrame: frame('get') },
    { id: 2, callFrame: frame('get') },
    { id: 3, callFrame: { functionName: '(idle)', url: '', lineNumber: -1 } },
    { id: 4, callFrame: frame('') },
  ];
  const text = topFunctions({ nodes, samples: [1, 2, 3, 4], timeDeltas: [200, 100, 5000, 100] });
  assert.match(text, /get tree\.js:10 +\| 75\.0 %/);
  assert.match(text, /\(anonymous\) tree\.js:10 \| 25\.0 %/);
  assert.doesNotMatch(text, /idle/);
});
