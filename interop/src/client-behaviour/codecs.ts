import assert from 'node:assert/strict';
import { bytes, type Codec, json, type StandardSchema, utf8 } from '@nodekeeper/client';
import { refused, type Scenario } from './scenario.js';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A schema like the one that a validator such as Zod makes for `{ x: number, y: number }`. */
const point: StandardSchema<Point> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      const issues = (['x', 'y'] as const)
        .filter((key) => typeof (value as Point)?.[key] !== 'number')
        .map((key) => ({ message: 'must be a number', path: [{ key }] }));
      return issues.length > 0 ? { issues } : { value: value as Point };
    },
  },
};

/** A schema like the one that a validator such as Zod makes for `{ when: string }`, with `when` converted to a Date. */
const event: StandardSchema<{ readonly when: Date }, { readonly when: string }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      const when = (value as { when?: unknown })?.when;
      return typeof when === 'string' ? { value: { when: new Date(when) } } : { issues: [{ message: 'not text' }] };
    },
  },
};

const hex: Codec<number> = {
  encode: (value) => (value < 0 ? null : value.toString(16)),
  decode: (data) => {
    const value = Number.parseInt(data.toString(), 16);
    if (Number.isNaN(value)) throw new Error(`"${data}" is not hexadecimal`);
    return value;
  },
};

export const codecs: Scenario[] = [
  {
    name: 'json, utf8, bytes and custom codecs turn values into data and back',
    async run({ zk }) {
      const values = { text: 'ü', list: [1, null, { deep: true }] };
      await zk.create('/json', values, { codec: json<typeof values>() });
      assert.equal((await zk.get('/json')).data?.toString(), JSON.stringify(values));
      assert.deepEqual((await zk.get('/json', { codec: json<typeof values>() })).data, values);
      await zk.set('/json', 'täxt', { codec: utf8 });
      assert.equal((await zk.get('/json', { codec: utf8 })).data, 'täxt');
      await zk.set('/json', Buffer.of(1, 2), { codec: bytes });
      const { data } = await zk.get('/json', { codec: bytes });
      await zk.set('/json', 'other data');
      assert.deepEqual(data, Buffer.of(1, 2));
      const { stat } = await zk.createWithParents('/deep/er', 255, { codec: hex });
      assert.equal(stat.dataLength, 2);
      assert.equal((await zk.get('/deep/er', { codec: hex })).data, 255);
    },
  },
  {
    name: 'a node without data is null to every codec, and a codec may write null',
    async run({ zk }) {
      await zk.create('/a', -1, { codec: hex });
      assert.equal((await zk.get('/a')).data, null);
      assert.equal((await zk.get('/a', { codec: hex })).data, null);
      assert.equal((await zk.get('/a', { codec: json() })).data, null);
    },
  },
  {
    name: 'data that a codec cannot decode is INVALID_DATA, with the reason and the cause',
    async run({ zk }) {
      await zk.create('/a', 'not json');
      const error = await refused(zk.get('/a', { codec: json() }), 'INVALID_DATA', { op: 'get', path: '/a' });
      assert.equal(error.number, 0);
      assert.ok(error.cause instanceof SyntaxError);
      await refused(zk.get('/a', { codec: hex }), 'INVALID_DATA', { message: /"not json" is not hexadecimal/ });
      await zk.set('/a', '');
      await refused(zk.get('/a', { codec: json() }), 'INVALID_DATA');
      assert.equal((await zk.get('/a')).data?.length, 0);
    },
  },
  {
    name: 'a schema validates data when it is read and when it is written',
    async run({ zk }) {
      const codec = json(point);
      await zk.create('/a', { x: 1, y: 2 }, { codec });
      const { data } = await zk.get('/a', { codec });
      assert.equal(data!.x + data!.y, 3);
      const options = { outcome: 'not-sent', message: /x: must be a number; y: must be a number/ } as const;
      await refused(zk.set('/a', {} as Point, { codec }), 'INVALID_DATA', { ...options, op: 'set', path: '/a' });
      await refused(zk.create('/b', {} as Point, { codec }), 'INVALID_DATA', options);
      await refused(
        zk
          .transaction()
          .set('/a', {} as Point, { codec })
          .commit(),
        'INVALID_DATA',
        options,
      );
      assert.equal((await zk.get('/a')).stat.version, 0);
      await zk.set('/a', '{"x":1,"y":"2"}');
      await refused(zk.get('/a', { codec }), 'INVALID_DATA', { message: /y: must be a number/ });
    },
  },
  {
    name: 'with a schema that transforms, data is stored as it is and transformed when it is read',
    async run({ zk }) {
      const codec = json(event);
      await zk.create('/a', { when: '2026-11-29' }, { codec });
      assert.equal(String((await zk.get('/a')).data), '{"when":"2026-11-29"}');
      const { data } = await zk.get('/a', { codec });
      assert.deepEqual(data, { when: new Date('2026-11-29') });
      await zk.set('/a', { when: '2027-01-01' }, { codec });
      assert.equal((await zk.get('/a', { codec })).data?.when.getUTCFullYear(), 2027);
    },
  },
  {
    name: 'a value that the codec could not read back is not written',
    async run({ zk }) {
      const date: StandardSchema<Date> = {
        '~standard': {
          version: 1,
          vendor: 'test',
          validate: (value) => (value instanceof Date ? { value } : { issues: [{ message: 'must be a Date' }] }),
        },
      };
      const options = { outcome: 'not-sent', message: /must be a Date/ } as const;
      await refused(zk.create('/a', new Date(), { codec: json(date) }), 'INVALID_DATA', options);
      for (const value of [() => 1, Symbol('s')]) {
        const nothing = { outcome: 'not-sent', message: /JSON cannot represent a value of type/ } as const;
        await refused(zk.create('/a', value, { codec: json() }), 'INVALID_DATA', nothing);
      }
      assert.equal(await zk.exists('/a'), null);
    },
  },
  {
    name: 'a schema that validates asynchronously is rejected',
    async run({ zk }) {
      const slow: StandardSchema<Point> = {
        '~standard': { version: 1, vendor: 'test', validate: async (value) => ({ value: value as Point }) },
      };
      await refused(zk.create('/a', { x: 1, y: 2 }, { codec: json(slow) }), 'INVALID_DATA', {
        outcome: 'not-sent',
        message: /asynchronous/,
      });
      assert.equal(await zk.exists('/a'), null);
    },
  },
];
