import assert from 'node:assert/strict';
import test from 'node:test';
import { connect } from '@nodekeeper/client';
import { visible } from '../../src/format/visible.js';
import { Output } from '../../src/output.js';
import { run } from '../../src/run.js';
import { Recorder, testIo } from '../support/run-shell.js';
import { serverPort } from '../support/server.js';

/**
 * A text that sets the window's title, clears the screen with an 8-bit code, and rings the bell. It also moves the
 * cursor back and reverses the text direction.
 */
const hostile = 'a\u001b]0;title\u0007b\u009b2Jc\rd\be\u007f\u202ef\u2066\u200f\u061c';
const shown = 'a\\u001b]0;title\\u0007b\\u009b2Jc\\u000dd\\u0008e\\u007f\\u202ef\\u2066\\u200f\\u061c';

test('lines, tabs and all scripts stay unchanged, and control characters are made visible', () => {
  assert.equal(visible(hostile), shown);
  for (const text of ['', 'two\nlines\r\n', 'a\tb', 'Grüße, 日本語, עברית, 🙂']) assert.equal(visible(text), text);
});

test('every way of printing on a terminal makes control characters visible', () => {
  for (const isJson of [false, true]) {
    const sinks = { stdout: new Recorder(), stderr: new Recorder() };
    sinks.stdout.isTTY = true;
    sinks.stderr.isTTY = true;
    const output = new Output(sinks, isJson);
    output.result(hostile, { path: hostile });
    output.remark(hostile, 'stderr');
    output.remark(hostile, 'stdout');
    output.error(hostile, { path: hostile });
    output.partialError(hostile);
    output.event(hostile, { event: { path: hostile } }, 'stdout');
    output.chat(hostile);
    for (const { text } of [sinks.stdout, sinks.stderr]) {
      assert.equal(text, visible(text));
      assert.ok(text.includes('title'));
      if (isJson) for (const line of text.trimEnd().split('\n')) assert.ok(JSON.stringify(JSON.parse(line)));
    }
  }
});

test('data has visible control characters on a terminal and is raw in a pipe, and JSON is the same in both', async (context) => {
  const port = await serverPort(context);
  await using zk = await connect(`127.0.0.1:${port}`);
  await zk.create('/a', hostile);
  const printed = async (isTTY: boolean, ...words: string[]) => {
    const io = testIo(context);
    io.stdout.isTTY = isTTY;
    assert.equal(await run(io, ['-server', `127.0.0.1:${port}`, ...words]), 0);
    return io.stdout.text;
  };
  assert.ok((await printed(true, 'get', '/a')).endsWith(`${shown}\n`));
  assert.ok((await printed(false, 'get', '/a')).endsWith(`${hostile}\n`));
  for (const isTTY of [true, false]) {
    assert.equal(JSON.parse(await printed(isTTY, '--json', 'get', '/a')).data, hostile);
  }
});
